import type { FaceRig } from '@parley/babylon';
import type { FaceManifest } from '@parley/sdk';

/** What `parley animate` writes, as far as it is played here. */
interface Take {
  readonly fps: number;
  readonly arkit: { readonly names: readonly string[]; readonly frames: readonly (readonly number[])[] };
}

/** A sentence with its face. */
export interface Sentence {
  /** Plays it on a head; resolves when it has been said. */
  play(rig: FaceRig): Promise<void>;
}

/** @param url - Folder of `sentence.wav` and `sentence.json`, with a closing slash. */
export async function loadSentence(url: string, manifest: FaceManifest): Promise<Sentence> {
  const take: Take = await (await fetch(`${url}sentence.json`)).json();
  const audio = new Audio(`${url}sentence.wav`);
  const indices = take.arkit.names.map((name) =>
    manifest.controls.findIndex((control) => control.name === name),
  );
  const controls = new Float32Array(manifest.controls.length);
  return {
    async play(rig) {
      await audio.play();
      await new Promise<void>((resolve) => {
        const show = () => {
          const frame = take.arkit.frames[Math.floor(audio.currentTime * take.fps)];
          controls.fill(0);
          frame?.forEach((weight, i) => {
            if ((indices[i] ?? -1) >= 0) controls[indices[i] ?? 0] = weight;
          });
          if (audio.ended) controls.fill(0);
          rig.apply(controls);
          if (audio.ended) resolve();
          else requestAnimationFrame(show);
        };
        show();
      });
    },
  };
}
