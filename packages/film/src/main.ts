import type { FilmJob, FilmResult } from './film-job.ts';
import { openMovie } from './open-movie.ts';
import { stageHead } from './stage-head.ts';
import { createStudio } from './studio.ts';
import { readTake } from './take-reader.ts';

/** Films the take that the server has ready, frame by frame, and gives it the file. */
async function film(): Promise<FilmResult> {
  const job: FilmJob = await (await fetch('job.json')).json();
  const canvas = document.getElementById('picture') as HTMLCanvasElement;
  const studio = createStudio(canvas, job.sizePx);
  const head = await stageHead(studio, job.headUrl, job.exportsUrl);
  await studio.scene.whenReadyAsync();
  const movie = await openMovie(job, canvas, 'write');
  const size = head.manifest.controls.length;
  let frames = 0;
  for await (const part of readTake('next', size)) {
    if (part.sound.length > 0) await movie.addSound(part.sound);
    for (let frame = 0; frame < part.frames; frame++) {
      head.show(part.controls.subarray(frame * size, (frame + 1) * size), frames / job.fps);
      studio.scene.render();
      await movie.addPicture();
      frames++;
    }
  }
  await movie.finish();
  return { frames, videoCodec: movie.videoCodec, audioCodec: movie.audioCodec };
}

declare global {
  interface Window {
    /** Called by `parley animate`. */
    parleyFilm?: () => Promise<FilmResult>;
  }
}

window.parleyFilm = film;
