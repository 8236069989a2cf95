/** The mean of all channels. */
export function mixChannels(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0]!;
  const pcm = new Float32Array(channels[0]?.length ?? 0);
  for (const channel of channels) for (let i = 0; i < pcm.length; i++) pcm[i]! += channel[i]!;
  for (let i = 0; i < pcm.length; i++) pcm[i]! /= channels.length;
  return pcm;
}
