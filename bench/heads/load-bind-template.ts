import { readFileSync } from 'node:fs';
import { readManifest, readVertexBasis } from '@parley/sdk';
import { type BindTemplate, readBindTemplate, readTemplateLandmarks } from '@parley/sdk/bind';

const exportsUrl = new URL('../../models/exports/', import.meta.url);

/** The template of this repository's exports. */
export function loadBindTemplate(): BindTemplate {
  const text = (name: string) => readFileSync(new URL(name, exportsUrl), 'utf8');
  const manifest = readManifest(JSON.parse(text('manifest.json')));
  return readBindTemplate({
    obj: text('template.obj'),
    info: JSON.parse(text('template.json')),
    basis: readVertexBasis(readFileSync(new URL('basis.bin', exportsUrl)), manifest),
    identity: JSON.parse(text('identity.json')),
    identityBytes: readFileSync(new URL('identity.bin', exportsUrl)),
    landmarks: readTemplateLandmarks(JSON.parse(text('landmarks/template.json'))),
  });
}
