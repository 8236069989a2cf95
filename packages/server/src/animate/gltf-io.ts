import { Logger, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS, EXTMeshoptCompression, KHRDracoMeshCompression } from '@gltf-transform/extensions';

/**
 * Reads and writes glTF files, quiet, compressed ones too; what it writes is not compressed.
 * Decoders are loaded once, with the first file.
 */
export async function createGltfIo(): Promise<NodeIO> {
  // @ts-expect-error The package has no types.
  const draco = await import('draco3dgltf');
  const { MeshoptDecoder } = await import('meshoptimizer/decoder');
  await MeshoptDecoder.ready;
  return new NodeIO()
    .setLogger(new Logger(Logger.Verbosity.SILENT))
    .registerExtensions(ALL_EXTENSIONS)
    .registerDependencies({
      'draco3d.decoder': await (draco.default ?? draco).createDecoderModule(),
      'meshopt.decoder': MeshoptDecoder,
    });
}

/** Reads a file, of which nothing stays compressed. */
export async function readGltf(io: NodeIO, path: string) {
  const document = await io.read(path);
  const packed: readonly string[] = [
    EXTMeshoptCompression.EXTENSION_NAME,
    'KHR_meshopt_compression',
    KHRDracoMeshCompression.EXTENSION_NAME,
  ];
  for (const extension of document.getRoot().listExtensionsUsed())
    if (packed.includes(extension.extensionName)) extension.dispose();
  return document;
}
