import { registerAacEncoder } from '@mediabunny/aac-encoder';
import {
  AudioSample,
  AudioSampleSource,
  CanvasSource,
  canEncodeAudio,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
  type VideoCodec,
  WebMOutputFormat,
} from 'mediabunny';
import type { FilmJob } from './film-job.ts';

/** Video codecs by preference: what most players have comes first. */
const VIDEO_CODECS: Readonly<Record<FilmJob['container'], readonly VideoCodec[]>> = {
  mp4: ['avc', 'av1', 'vp9'],
  webm: ['vp9', 'vp8', 'av1'],
};
const SOUND_BITRATE = 96_000;
/** Video bits for each pixel of each frame; a calm portrait needs no more. */
const BITS_PER_PIXEL = 0.14;
const KEY_FRAME_SECONDS = 2;
const PIECE_BYTES = 1 << 20;
/** Samples of an AAC packet, and of the silence that libavcodec's AAC encoder begins with. */
const AAC_PACKET_SAMPLES = 1024;
/** Packets beside those that the length asks for: an encoder's priming and what it still holds at the end. */
const SPARE_PACKETS = 8;

/** A movie file that grows. */
export interface Movie {
  readonly videoCodec: string;
  readonly audioCodec: string;
  /** Appends what the canvas shows. */
  addPicture(): Promise<void>;
  /** Appends mono sound. */
  addSound(pcm: Float32Array<ArrayBuffer>): Promise<void>;
  finish(): Promise<void>;
}

/**
 * Begins the file; its bytes go to `writeUrl`, each piece with its place. An MP4 has its index in front of the media, so that
 * it plays while it is still being loaded: the room for it is reserved by the length of the sound.
 *
 * @throws Error where the browser encodes no video that fits, or the film gets longer than `job.soundSeconds`.
 */
export async function openMovie(job: FilmJob, canvas: HTMLCanvasElement, writeUrl: string): Promise<Movie> {
  const { container, sizePx, fps, soundRateHz, soundSeconds } = job;
  const bitrate = Math.round(sizePx * sizePx * fps * BITS_PER_PIXEL);
  const videoCodec = await getFirstEncodableVideoCodec([...VIDEO_CODECS[container]], {
    width: sizePx,
    height: sizePx,
    bitrate,
  });
  if (!videoCodec) throw new Error(`this browser encodes no video that fits into ${container}`);
  const audioCodec = container === 'mp4' ? 'aac' : 'opus';
  // Few builds of Chromium have an AAC encoder; ours is libavcodec's in WebAssembly.
  const isOurAac = audioCodec === 'aac' && !(await canEncodeAudio('aac'));
  if (isOurAac) registerAacEncoder();

  const output = new Output({
    format: container === 'mp4' ? new Mp4OutputFormat({ fastStart: 'reserve' }) : new WebMOutputFormat(),
    target: new StreamTarget(uploadTo(writeUrl), { chunked: true, chunkSize: PIECE_BYTES }),
  });
  const video = new CanvasSource(canvas, { codec: videoCodec, bitrate, keyFrameInterval: KEY_FRAME_SECONDS });
  const sound = new AudioSampleSource({ codec: audioCodec, bitrate: SOUND_BITRATE });
  const soundPackets = (soundSeconds * soundRateHz) / AAC_PACKET_SAMPLES;
  output.addVideoTrack(video, {
    frameRate: fps,
    maximumPacketCount: Math.ceil(soundSeconds * fps) + SPARE_PACKETS,
  });
  output.addAudioTrack(sound, { maximumPacketCount: Math.ceil(soundPackets) + SPARE_PACKETS });
  await output.start();
  let pictures = 0;
  // What an encoder puts before the sound lies before time 0; the file tells players to leave it out.
  let samples = isOurAac ? -AAC_PACKET_SAMPLES : 0;
  return {
    videoCodec,
    audioCodec,
    async addPicture() {
      await video.add(pictures / fps, 1 / fps);
      pictures++;
    },
    async addSound(pcm) {
      const sample = new AudioSample({
        data: pcm,
        format: 'f32',
        numberOfChannels: 1,
        sampleRate: soundRateHz,
        timestamp: samples / soundRateHz,
      });
      samples += pcm.length;
      await sound.add(sample);
      sample.close();
    },
    finish: () => output.finalize(),
  };
}

function uploadTo(url: string): WritableStream<StreamTargetChunk> {
  return new WritableStream({
    async write({ data, position }) {
      const response = await fetch(`${url}?position=${position}`, { method: 'POST', body: data });
      if (!response.ok) throw new Error(await response.text());
    },
  });
}
