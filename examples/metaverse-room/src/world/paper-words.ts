/** What is printed on a sheet. */
export interface Paper {
  readonly title: string;
  readonly subtitle: string;
  /** Headings, each with its lines. */
  readonly parts: readonly (readonly [heading: string, ...lines: string[]])[];
}

/** What the guide gives away, by the names in her persona. */
export const PAPERS: Readonly<Record<string, Paper>> = {
  leaflet: {
    title: 'Orion Hall',
    subtitle: 'A museum of the night sky',
    parts: [
      ['From the gate', 'Ahead: the orrery', 'Left: moon rock, shop, telescope', 'Right: the pool, Orson'],
      ['Open', 'Tuesday to Sunday, 10 to midnight'],
      ['Tickets', '8 euros, under twelve free'],
      ['Down the stairs', 'Cafe, until eleven; toilets'],
    ],
  },
  guidebook: {
    title: 'Orion Hall',
    subtitle: 'The guidebook',
    parts: [
      ['The orrery', 'Ada Lindqvist, 1902. Eight planets, 1,312 gear wheels. Look for the mouse.'],
      ['The telescope', 'Three metres, two hundred times. On a clear night: the rings of Saturn.'],
      ['The moon rock', 'Almost four billion years old, found in the Sahara in 1987. You may touch it.'],
      ['The star charts', 'Nine skies on silk, by Mei Tanaka, 1937. Orion is in the middle.'],
    ],
  },
};
