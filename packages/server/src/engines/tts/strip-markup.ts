/**
 * Text of any language without Markdown, HTML, links and emoji, which nobody speaks.
 * @param link What a bare link is called inside a sentence, which would be torn without it: "look at the link". Default: nothing.
 */
export function stripMarkup(text: string, link = ''): string {
  const named = text.replace(NAMED_LINK, '$1').replace(LINK_IN_SENTENCE, `$1${link}`);
  return MARKUP.reduce((plain, [pattern, replacement]) => plain.replace(pattern, replacement), named);
}

const NAMED_LINK = /!?\[([^\]]*)\]\([^)]*\)/g;
const LINK_IN_SENTENCE = /(\p{L}\s)(?:https?:\/\/|www\.)\S*[^\s.,;:!?)\]]/giu;

const MARKUP: readonly (readonly [RegExp, string])[] = [
  [/```[\s\S]*?```/g, ' '],
  [/\b(?:https?:\/\/|www\.)\S+/gi, ' '],
  [/<\/?[a-z][^>]*>/gi, ' '],
  [/^\s{0,3}(?:#{1,6}|[-*+•>]|\d+[.)])\s+/gm, ''],
  [/[*_~`#]+/g, ''],
  [/\p{Extended_Pictographic}|\u{fe0f}|\u{200d}|\u{20e3}|[\u{1f3fb}-\u{1f3ff}\u{1f1e6}-\u{1f1ff}]/gu, ' '],
];
