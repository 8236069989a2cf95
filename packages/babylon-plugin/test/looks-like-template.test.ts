import { expect, it } from 'vitest';
import { looksLikeTemplate } from '../src/head/looks-like-template.ts';
import { exampleHead, exported, exportedModel } from './support/exported-model.ts';

const { template, manifest } = exportedModel();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

it.each([
  { what: 'the template', obj: text(exported(manifest.files.template.path)), expected: true },
  { what: 'a bust with shoulders and plinth after it', obj: text(exampleHead('bust.obj')), expected: true },
  {
    what: 'as many vertices, connected otherwise',
    obj: text(exported(manifest.files.template.path)).replace(
      /^f .*/gm,
      (_, at: number) => `f ${(at % 6000) + 1} ${((at * 7) % 6000) + 1} ${((at * 13) % 6000) + 1}`,
    ),
    expected: false,
  },
  { what: 'a triangle', obj: 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n', expected: false },
  { what: 'nothing', obj: '', expected: false },
])('$what: $expected', ({ obj, expected }) => {
  expect(looksLikeTemplate(obj, template)).toBe(expected);
});
