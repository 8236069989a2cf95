import type { Phone } from '../arpabet.ts';
import { AS_WRITTEN, readByRules, type SpellingRule } from './spelling-rules.ts';

/** Double letters are long; `ː` says so. */
const RULES: readonly SpellingRule[] = [
  [/sci(?=[aouàòóù])/uy, 'ʃ'],
  [/sc(?=[eièéì])/uy, 'ʃ'],
  [/cci(?=[aouàòóù])|cc(?=[eièéìí])/uy, 'tʃː'],
  [/ci(?=[aouàòóù])|c(?=[eièéìí])/uy, 'tʃ'],
  [/cch|cqu?(?<=cq)|ck|cc/uy, 'kː'],
  [/ch|c|k|q/uy, 'k'],
  [/ggi(?=[aouàòóù])|gg(?=[eièéìí])/uy, 'dʒː'],
  [/gi(?=[aouàòóù])|g(?=[eièéìí])/uy, 'dʒ'],
  [/gli(?=[aeouàèéòóù])|gl(?=i_|i[^aeou_])(?<!_an?gl|ngl|egl)/uy, 'ʎ'],
  [/gn/uy, 'ɲ'],
  [/ggh?/uy, 'ɡː'],
  [/gh?/uy, 'ɡ'],
  [/h/uy, ''],
  [/(?<=a)zz(?=urr)/uy, 'dzː'],
  [/zz/uy, 'tsː'],
  [/(?<=_)z|(?<=[ao])z(?=er)/uy, 'dz'],
  [/z/uy, 'ts'],
  [/ss/uy, 's s'],
  [/(?<=[aeiouàèéìòóù])s(?=[aeiouàèéìòóù])|s(?=[bdgvmnlr])/uy, 'z'],
  [/s/uy, 's'],
  [/bb/uy, 'bː'],
  [/dd/uy, 'dː'],
  [/ff/uy, 'f f'],
  [/ll/uy, 'l l'],
  [/mm/uy, 'm m'],
  [/nn/uy, 'n n'],
  [/pp/uy, 'pː'],
  [/rr/uy, 'r r'],
  [/tt/uy, 'tː'],
  [/vv/uy, 'v v'],
  [/n(?=_?(?:[gc](?![eièéìí])|[kq]))/uy, 'ŋ'],
  [/n(?=_?[bp])/uy, 'm'],
  [/(?<=[qg])u(?=[aeioàèéìòó])/uy, 'w'],
  [/uo(?![aeiou])/uy, 'w ɔ'],
  [/i(?=e[^_]*_)(?<=[^aeiou_]i)/uy, 'j'],
  [/(?<=[aeouàèéòóù])i(?=[aeouàèéòóù])/uy, 'j'],
  [/à|a/uy, 'a'],
  [/è/uy, 'ɛ'],
  [/é|e/uy, 'e'],
  [/ò/uy, 'ɔ'],
  [/ó|o/uy, 'o'],
  [/[iìíîy]/uy, 'i'],
  [/[uùú]/uy, 'u'],
  [/j/uy, 'j'],
  [/w/uy, 'w'],
  [/x/uy, 'k s'],
  [/r/uy, 'r'],
  ...AS_WRITTEN,
];

const ACCENT = /[àèéìíòóù]/u;
/** Endings with the stress on the last vowel but two, and words that have it there. */
const PROPAROXYTONE =
  /(?:[aeiu]bil[ei]|[^_]{2}(?<!_?(?:fat|am|nem|ant|um|mend|tr))ic(?:[oai]|h[ei])|[^_][vgdt]ol[oaie]|olog[oi]|ologhe|issim[oaie]|[ei]sim[oaie]|evol[ei]|[iu]tudin[ei]|[aiu]gin[ei]|ef?fic[oi]|graf[oi]|fon[oi]|metr[oi]|[eao]scop[oai]|agor[ae]|simil[ei]|oper[ae]|numer[oi]|cattedr[ae]|camer[ae]|liber[oaie]|albero|alberi|secol[oi]|popol[oi]|angol[oi]|artist(?:ic[oai])|unic[oai]|pubblic[oai]|ultim[oaie]|prossim[oaie]|minim[oaie]|massim[oaie]|subito|piccol[oaie]|storic[oai]|musica|musiche|pagin[ae]|macchin[ae]|epoc[ah]e?|pianet?ic|essere|vivere|vedere_|leggere|scrivere|prendere|chiudere|chiedere|rispondere|vendere|correre|ridere|credere|perdere|accendere|rendere|scendere|conoscere|nascere|crescere|mettere|rimettere|permettere|battere|rompere|muovere|tavol[oaie]|lettere_|vend?ono|aprono|chiudono|parlano|possono|devono|vogliono|sabato|domenica|medic[oi]|magic[oai]|logic[oai]|fabbric[ah]e?|origin[ei]|ordin[ei]|giovan[ei]|uomini|donnol[ae]|zucchero|numeri|chilometr[oi]|tempesta_|telefon[oi]|semplic[ei]|facil[ei]|difficil[ei]|util[ei]|simbol[oi]|titol[oi]|articol[oi]|spettacol[oi]|oroscop[oi]|astronom[oi]|astronauta_|bussol[ae]|nuvol[ae]|isol[ae]|regol[ae]|favol[ae]|polver[ei]|cener[ei]|gener[ei]|debol[ei]|nobil[ei]|mobil[ei]|termin[ei]|crimin[ei]|esamin?[oi]|limit[ei]|credit[oi]|debit[oi]|subit[oaie]|rapid[oaie]|timid[oaie]|solid[oaie]|liquid[oaie]|valid[oaie]|splendid[oaie]|comod[oaie]|period[oi]|metod[oi]|catalog[oi]|dialog[oi]|edific[oi]|benefic[oi]|visit[ae]|[^aeiou_]{1,2}ol[ai]no|entrano|guardano|arrivano|trovano|portano|restano|cercano|mostrano|tornano|costano|chiamano|cominciano|iniziano|funzionano|planetari_|[dgtlsn]ono)$/u;
/** Third persons plural and nouns that look like them. */
const PLAIN_ONO = /(?:^|_)(?:sono|dono|tono|trono|perdono|abbandono|ozono|carbono|suono|buono|tuono)$/u;
/** Where the i of a final -ia, -ie or -io bears the stress. */
const STRESSED_I =
  /(?:er|log|graf|nom|sof|pat|cras|arch|fon|f[oi]l|mag|geometr|simmetr|trigonometr|peg|gal|mal|pol|corrent|_v|_z|_m|_d|_t|_s|_p|_f|add|nostalg|energ|bug|allegr|follic?|compagn)i[aeo]$/u;

const UNSTRESSED: ReadonlySet<string> = new Set(
  'il lo la i gli le un uno una di a da in con su per tra fra e o ed ad che mi ti si ci vi ne se al del dal nel sul ai dei dai nei sui alla della dalla nella sulla alle delle dalle nelle sulle all dell dall nell sull l c un'.split(
    ' ',
  ),
);

/** Phones of an Italian word in lower case. @param before The word before it, unless a pause comes between. */
export function pronounceItalian(word: string, before: string): Phone[] {
  const stressAt = UNSTRESSED.has(word) ? -1 : stressOf(word);
  const phones = readByRules(glided(word, stressAt), before, RULES, stressAt);
  const isFinal = (index: number) => index === phones.length - 1 && index > 1;
  const reduced = phones.map(({ ipa, stress }, index) => {
    const isWeak = stress === 0 && (ipa === 'u' || (ipa === 'i' && isFinal(index)));
    return { ipa: isWeak ? WEAK[ipa]! : ipa, stress };
  });
  // A stressed e or o is open, but in some endings.
  return CLOSED.test(word) && !/[èò]/u.test(word)
    ? reduced
    : reduced.map((phone) =>
        phone.stress === 1 ? { ...phone, ipa: OPENED[phone.ipa] ?? phone.ipa } : phone,
      );
}

const WEAK: Readonly<Record<string, string>> = { u: 'ʊ', i: 'ɪ' };
const OPENED: Readonly<Record<string, string>> = { e: 'ɛ', o: 'ɔ' };
const CLOSED =
  /(?:or[ei]|on[ei]|os[oaie]|ment[eoi]|ezz[ae]|ett[oaie]|ell[oaie]|es[ei]|ess[aeoi]|evol[ei]|e[iv]?[ao]?|[st]?[ei]re|ono|ome|ond[oaei]|ollo|é|che|perché)$/u;

/** Unstressed i and u before another vowel glide; `j` and `w` are read as such. */
function glided(word: string, stressAt: number): string {
  return word.replace(/[iu](?=[aeouàèéòóù])/gu, (letter, at: number) => {
    const before = word[at - 1] ?? '';
    if (at === stressAt || (letter === 'u' && /[qg]/u.test(before))) return letter;
    if (letter === 'u') return 'w';
    // After c, g, sc and gl the i only softens.
    return /(?:[cg]|gl)$/u.test(word.slice(0, at)) ? letter : 'j';
  });
}

function stressOf(word: string): number {
  const accent = word.search(ACCENT);
  if (accent >= 0) return accent;
  if (STRESSED_I.test(`_${word}`)) return word.length - 2;
  const nuclei: number[] = [];
  for (let at = 0; at < word.length; at++) {
    if (!/[aeiouy]/u.test(word[at]!)) continue;
    // A weak vowel before another one is part of its syllable, as is one after a strong vowel.
    if (/[iu]/u.test(word[at]!) && /[aeou]/u.test(word[at + 1] ?? '')) continue;
    if (/[iu]/u.test(word[at]!) && /[aeo]/u.test(word[at - 1] ?? '')) continue;
    nuclei.push(at);
  }
  if (nuclei.length === 0) return -1;
  // An apocopated word (bel, signor, museum) ends in a consonant and is stressed there.
  const fromEnd = /[bcdfglmnprstvxz]$/u.test(word)
    ? 0
    : PROPAROXYTONE.test(word) && !PLAIN_ONO.test(word)
      ? 2
      : 1;
  return nuclei[Math.max(0, nuclei.length - 1 - fromEnd)]!;
}
