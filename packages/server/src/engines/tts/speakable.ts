export function speakable(text: string): string {
  return text;
}
