import { Client, type Room } from '@colyseus/sdk';

/** Name of the room that `parley serve` defines. */
const ROOM_NAME = 'parley';

/**
 * Joins the room of the server that serves this page.
 * @throws Error with words for the visitor when there is no server or no place.
 */
export async function joinRoom(name: string): Promise<Room> {
  try {
    return await new Client(location.origin).joinOrCreate(ROOM_NAME, { name, visitorId: visitorId() });
  } catch (error) {
    throw new Error(
      'The hall cannot be reached: its server does not answer or is full. Try again in a moment.',
      {
        cause: error,
      },
    );
  }
}

/** A secret of this browser, by which the NPCs know the visitor again; nothing else is kept here. */
function visitorId(): string | undefined {
  const KEY = 'parley-visitor';
  try {
    const known = localStorage.getItem(KEY) ?? crypto.randomUUID();
    localStorage.setItem(KEY, known);
    return known;
  } catch {
    // Storage is forbidden, or the page is not from a safe place: then every visit is the first.
    return undefined;
  }
}
