import { readFileSync } from 'node:fs';
import { type BindTemplate, readBindTemplate, readTemplateLandmarks } from '../../src/bind/index.ts';
import { readVertexBasis } from '../../src/index.ts';
import { exportsUrl, realFile, realManifest } from '../real-export.ts';

let template: BindTemplate | undefined;

/** The committed template; one for all tests of a file. */
export function realTemplate(): BindTemplate {
  if (template) return template;
  const text = (name: string) => readFileSync(new URL(name, exportsUrl), 'utf8');
  const manifest = realManifest();
  template = readBindTemplate({
    obj: text('template.obj'),
    info: JSON.parse(text('template.json')),
    basis: readVertexBasis(realFile(manifest, 'basis'), manifest),
    identity: JSON.parse(text('identity.json')),
    identityBytes: readFileSync(new URL('identity.bin', exportsUrl)),
    landmarks: readTemplateLandmarks(JSON.parse(text('landmarks/template.json'))),
  });
  return template;
}
