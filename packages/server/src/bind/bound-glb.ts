import { dirname } from 'node:path';
import { Document, Logger } from '@gltf-transform/core';
import { readRigFile } from '@parley/sdk/bind';
import { createGltfIo, readGltf } from '../animate/gltf-io.ts';
import { readObjMaterials } from '../animate/obj-parts.ts';
import { makeMaterial } from '../animate/obj-to-gltf.ts';
import { boundGltf } from './bound-gltf.ts';
import { type HeadOnDisk, readHeadFromDisk } from './read-head-from-disk.ts';

/**
 * A head and its rig as one .glb file with the ARKit shapes as morph targets, which any viewer plays.
 * @param rig - Bytes of a `.parley-rig`.
 * @throws ParleyError of the readers, `rig-damaged`, `rig-version`, `rig-of-another-head`.
 */
export async function boundGlb(headPath: string, rig: Uint8Array): Promise<Uint8Array> {
  const head = await readHeadFromDisk(headPath);
  const made = readRigFile(rig, head.sha256);
  const io = await createGltfIo();
  const document = head.mesh.format === 'gltf' ? await readGltf(io, headPath) : await objDocument(head);
  boundGltf(document, head.mesh, made);
  document.getRoot().getAsset().generator = 'Parley';
  return io.writeBinary(document);
}

/** An .obj as a document: a mesh for each part, in the file's axes and unit. */
async function objDocument({ path, bytes, mesh }: HeadOnDisk): Promise<Document> {
  const document = new Document().setLogger(new Logger(Logger.Verbosity.SILENT));
  const buffer = document.createBuffer();
  const scene = document.createScene('head');
  document.getRoot().setDefaultScene(scene);
  const materials = await readObjMaterials(new TextDecoder().decode(bytes), dirname(path));
  const made = new Map<string, ReturnType<typeof makeMaterial>>();
  for (const part of mesh.parts) {
    const accessor = (array: Float32Array, type: 'VEC2' | 'VEC3') =>
      document.createAccessor().setType(type).setArray(Float32Array.from(array)).setBuffer(buffer);
    const material =
      made.get(part.material) ??
      makeMaterial(
        document,
        materials.get(part.material) ?? plainMaterial(part.material, part.colours !== undefined),
      );
    made.set(part.material, material);
    const primitive = document
      .createPrimitive()
      .setMaterial(material)
      .setAttribute('POSITION', accessor(part.positions, 'VEC3'));
    if (part.normals) primitive.setAttribute('NORMAL', accessor(part.normals, 'VEC3'));
    if (part.uvs) primitive.setAttribute('TEXCOORD_0', accessor(part.uvs, 'VEC2'));
    // glTF wants light, scans hold what monitors show.
    if (part.colours)
      primitive.setAttribute(
        'COLOR_0',
        accessor(
          part.colours.map((value) => value ** 2.2),
          'VEC3',
        ),
      );
    const name = part.name || 'head';
    scene.addChild(document.createNode(name).setMesh(document.createMesh(name).addPrimitive(primitive)));
  }
  return document;
}

function plainMaterial(name: string, isColoured: boolean): Parameters<typeof makeMaterial>[1] {
  const grey = isColoured ? 1 : 0.8;
  return { name: name || 'default', colour: [grey, grey, grey], opacity: 1 };
}
