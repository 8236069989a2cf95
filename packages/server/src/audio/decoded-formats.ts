/** The sound files that are decoded without another program, for people. */
export const DECODED_FORMATS = 'WAV, FLAC, MP3, Ogg Vorbis, and Opus in Ogg, WebM or MP4';
