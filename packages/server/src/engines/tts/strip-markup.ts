/** Text of any language without Markdown, HTML, links and emoji, which nobody speaks. */
export function stripMarkup(text: string): string {
  return MARKUP.reduce((plain, [pattern, replacement]) => plain.replace(pattern, replacement), text);
}

const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/```[\s\S]*?```/g, ' '],
  [/!?\[([^\]]*)\]\([^)]*\)/g, '$1'],
  [/\b(?:https?:\/\/|www\.)\S+/gi, ' '],
  [/<\/?[a-z][^>]*>/gi, ' '],
  [/^\s{0,3}(?:#{1,6}|[-*+•>]|\d+[.)])\s+/gm, ''],
  [/[*_~`#]+/g, ''],
  [/\p{Extended_Pictographic}|\u{fe0f}|\u{200d}|\u{20e3}|[\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]/gu, ' '],
];
