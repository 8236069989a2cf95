/** What the microphone's state means for a visitor; '' where there is nothing to say. */
export function microphoneTrouble(state: string): string {
  switch (state) {
    case 'asking':
      return 'Your browser is asking whether this page may hear you: choose Allow.';
    case 'blocked':
      return 'The microphone is blocked. Allow it at the lock beside the address, then try again. You can type meanwhile.';
    case 'missing':
      return globalThis.isSecureContext === false
        ? 'Browsers give a microphone only to https pages and localhost. You can type instead.'
        : 'No microphone was found. Plug one in and try again, or type.';
    default:
      return '';
  }
}

/** How to talk on this device, to be continued with "or type": fingers have no Space. */
export function howToTalk(): string {
  return globalThis.matchMedia?.('(pointer: coarse)').matches
    ? 'hold the button and speak'
    : 'hold Space and speak';
}
