import type { Parley } from '@parley/babylon';
import { ParleyError } from '@parley/sdk';
import type { Captions } from '../ui/captions.ts';
import { howToTalk, microphoneTrouble } from '../ui/microphone-words.ts';
import type { TalkBar } from '../ui/talk-bar.ts';
import { PALETTE } from '../world/palette.ts';
import { chooseAddressee, nextAddressee } from './choose-addressee.ts';
import type { NpcFigure } from './npc-figures.ts';

const RING_COLORS = {
  idle: PALETTE.listening,
  listening: PALETTE.listening,
  thinking: PALETTE.thinking,
  speaking: PALETTE.speaking,
} as const;
/** A notice stays in view this long. */
const NOTICE_MS = 7000;

/** Why the microphone is in use: not, while a key or button is held, or until it is switched off. */
type Ear = 'closed' | 'held' | 'open';

/** Talking: whom to, by which means, and what the page says about it. */
export class Conversation {
  readonly #parley: Parley;
  readonly #figures: readonly NpcFigure[];
  readonly #bar: TalkBar;
  readonly #nameOf: (sessionId: string) => string;
  readonly #invitation = `To talk, ${howToTalk()}, or type.`;
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)').matches;
  readonly #closers: (() => void)[] = [];
  #addressee: NpcFigure | null = null;
  #chosen = false;
  #ear: Ear = 'closed';
  /** Whom the room has been told that the microphone is for. */
  #heardBy: string | undefined;
  #notice = '';
  #noticeUntilMs = 0;
  #spoken = false;
  #seconds = 0;

  /** @param nameOf Finds a visitor's name by session id. */
  constructor(
    parley: Parley,
    figures: readonly NpcFigure[],
    bar: TalkBar,
    captions: Captions,
    nameOf: (sessionId: string) => string,
  ) {
    this.#parley = parley;
    this.#figures = figures;
    this.#bar = bar;
    this.#nameOf = nameOf;
    const ownId = parley.client.sessionId;
    this.#closers.push(
      parley.client.on('transcript', ({ npc, speakerId, text, final, utterance }) => {
        if (speakerId === '') {
          const figure = figures.find(({ id }) => id === npc);
          captions.show(`npc-${npc}-${utterance}`, figure?.name ?? npc, text, false, true);
        } else {
          const own = speakerId === ownId;
          captions.show(`visitor-${speakerId}`, own ? 'You' : nameOf(speakerId), text, own, final);
          if (own) this.#spoken = true;
        }
      }),
      parley.client.on('notice', ({ message }) => this.#tell(message)),
      ...figures.map(({ npc, name, plate }) =>
        npc.on('caption', (words) => {
          plate.setBubble(words, npc.status === 'thinking');
          if (words !== '') captions.show(`npc-${npc.id}-${npc.view?.utterance}`, name, words, false, true);
        }),
      ),
      ...figures.map(({ npc, name }) =>
        npc.on('error', (error) => this.#tell(`${name} cannot be heard or seen properly: ${error.message}`)),
      ),
    );
  }

  /** Whom the visitor addresses now. */
  get addressee(): NpcFigure | null {
    return this.#addressee;
  }

  /** Whether the visitor has said anything yet. */
  get spoken(): boolean {
    return this.#spoken;
  }

  /** Says typed words to whom the visitor addresses. */
  say(text: string): void {
    if (!this.#addressee) {
      this.#tell('Nobody is near enough to hear you: walk up to Mira, Orson or Bo first.');
      return;
    }
    this.#attempt(() => this.#parley.client.say(text, this.#addressee?.id));
  }

  /** Push-to-talk: a key or button went down or up. */
  hold(held: boolean): void {
    if (held && this.#ear === 'closed') this.#listen('held');
    else if (!held && this.#ear === 'held') this.#stop();
  }

  /** Keeps the microphone on, or switches it off. */
  toggleOpen(): void {
    if (this.#ear === 'open') {
      this.#stop();
      this.#parley.microphone.stop();
    } else this.#listen('open');
  }

  /** Turns to the next NPC within reach. @returns whether there was one. */
  next(x: number, z: number): boolean {
    const id = nextAddressee(this.#figures, x, z, this.#addressee?.id ?? '');
    if (id === '') return false;
    this.#chosen = true;
    this.#address(id);
    return true;
  }

  /**
   * @param deltaSeconds Time since the last call.
   * @param viewYaw Where the visitor looks.
   */
  tick(nowMs: number, deltaSeconds: number, x: number, z: number, viewYaw: number): void {
    this.#seconds += deltaSeconds;
    const current = this.#addressee?.id ?? '';
    const id = chooseAddressee(this.#figures, x, z, viewYaw, current, this.#chosen);
    if (id !== current) {
      this.#chosen = false;
      this.#address(id);
    }
    const others = nextAddressee(this.#figures, x, z, this.#addressee?.id ?? '') !== '';
    this.#bar.setAddressee(this.#addressee?.name ?? '', others && this.#addressee !== null);
    this.#bar.setLevel(this.#ear === 'closed' ? 0 : this.#parley.microphone.level);
    this.#showActivity(nowMs);
    for (const figure of this.#figures) {
      const { npc, ring, plate } = figure;
      const addressed = figure === this.#addressee;
      ring.strength = addressed ? (npc.status === 'idle' ? 0.45 : 0.95) : 0;
      ring.setColor(RING_COLORS[npc.status]);
      ring.setSweep(npc.status === 'thinking' && !this.#stillness);
      ring.tick(this.#seconds);
      figure.tick(deltaSeconds);
      plate.setAddressed(addressed);
      plate.setSpeaking(npc.status === 'speaking');
      plate.setBubble(npc.caption, npc.status === 'thinking');
    }
  }

  dispose(): void {
    for (const close of this.#closers.splice(0)) close();
    this.#bar.setHeld(false);
    this.#bar.setOpen(false);
  }

  #address(id: string): void {
    this.#addressee = this.#figures.find((figure) => figure.id === id) ?? null;
    this.#attempt(() => this.#parley.client.attend(id || undefined));
    if (this.#ear !== 'closed') this.#tellRoom();
  }

  #listen(ear: 'held' | 'open'): void {
    const { microphone, audio } = this.#parley;
    this.#ear = ear;
    this.#notice = '';
    this.#bar.setHeld(ear === 'held');
    this.#bar.setOpen(ear === 'open');
    void audio.unlock();
    microphone.start().then(
      () => {
        // The visitor may have let go while the browser asked.
        if (this.#ear !== 'closed') this.#tellRoom();
      },
      (error: unknown) => {
        this.#stop();
        this.#tell(microphoneTrouble(microphone.state) || messageOf(error));
      },
    );
  }

  #stop(): void {
    this.#ear = 'closed';
    this.#bar.setHeld(false);
    this.#bar.setOpen(false);
    if (this.#heardBy === undefined) return;
    const heardBy = this.#heardBy || undefined;
    this.#heardBy = undefined;
    this.#parley.microphone.listening = false;
    this.#attempt(() => this.#parley.client.listen(false, heardBy));
  }

  #tellRoom(): void {
    const id = this.#addressee?.id ?? '';
    if (this.#heardBy === id) return;
    this.#heardBy = id;
    this.#parley.microphone.listening = true;
    // A held key says itself when the turn is over, and for whom it was; an open microphone leaves the one to the pause and
    // the other to the room, as visitors talk to each other as well.
    const held = this.#ear === 'held';
    const choice = held || this.#chosen ? id || undefined : undefined;
    this.#attempt(() => this.#parley.client.listen(true, choice, held ? 'push' : 'open'));
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      this.#tell(error.message);
    }
  }

  #tell(words: string): void {
    this.#notice = words;
    this.#noticeUntilMs = performance.now() + NOTICE_MS;
  }

  #showActivity(nowMs: number): void {
    const { microphone, client } = this.#parley;
    const name = this.#addressee?.name;
    const npc = this.#addressee?.npc;
    const own = client.sessionId;
    if (this.#notice !== '' && nowMs < this.#noticeUntilMs) {
      this.#bar.setActivity('trouble', this.#notice);
      return;
    }
    const trouble = this.#ear === 'closed' ? '' : microphoneTrouble(microphone.state);
    if (trouble !== '') {
      this.#bar.setActivity('trouble', trouble);
      return;
    }
    const speakerId = npc?.view?.speakerId ?? '';
    const elsewhere = speakerId !== '' && speakerId !== own;
    switch (npc?.status) {
      case 'thinking':
        this.#bar.setActivity(
          'thinking',
          elsewhere ? `is busy with ${this.#nameOf(speakerId)}` : 'is thinking',
        );
        return;
      case 'speaking':
        this.#bar.setActivity(
          'speaking',
          elsewhere ? `is talking to ${this.#nameOf(speakerId)}` : 'is speaking; talk to interrupt',
        );
        return;
      case 'listening':
        this.#bar.setActivity(
          'listening',
          elsewhere ? `is listening to ${this.#nameOf(speakerId)}` : 'is listening to you',
        );
        return;
      default:
        if (this.#ear !== 'closed')
          this.#bar.setActivity(
            'listening',
            name ? 'can hear you: speak' : 'The microphone is on, but nobody is near.',
          );
        else this.#bar.setActivity('quiet', name ? this.#invitation : 'Walk up to somebody to talk.');
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
