/** A voice's memory and the wait for its first sound grow with the text; more than this at once is cut. */
const LONGEST_CHARACTERS = 220;

/** Cuts text at sentence ends, then at commas, then at words, into pieces that a voice speaks at once. */
export function splitForVoice(text: string): string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > LONGEST_CHARACTERS) {
    const window = rest.slice(0, LONGEST_CHARACTERS);
    const cut =
      [/[.!?][)"'”]*\s/g, /[,;:]\s/g, /\s/g]
        .map((pattern) => lastEnd(window, pattern))
        .find((end) => end > 0) ?? LONGEST_CHARACTERS;
    pieces.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  if (rest) pieces.push(rest);
  return pieces;
}

function lastEnd(text: string, pattern: RegExp): number {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
}
