export function letterToSound(word: string): string {
  return [...word].map(() => 'AH0').join(' ');
}
