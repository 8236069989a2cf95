import { angleBetween } from '../avatar/walker.ts';

/** Somebody who can be talked to. */
export interface Candidate {
  readonly id: string;
  readonly x: number;
  readonly z: number;
}

/** Who stands farther away than this (m) is not addressed. */
export const ADDRESS_WITHIN_M = 5;
/** Who is addressed stays so up to this distance (m), so that nobody is lost by a step back. */
const KEEP_WITHIN_M = 6;
/** Half of the view's width, radians. */
const IN_VIEW = 1.05;
/** This near (m), somebody is addressed without being looked at. */
const BESIDE_M = 1.8;
/** Somebody else must be nearer by this much (m) to take over. */
const TAKE_OVER_M = 1.2;

/**
 * Whom a visitor addresses: the nearest within reach and in view; a choice of their own outlasts that while it stays
 * within reach.
 * @param viewYaw Where the visitor looks, radians from +z towards +x.
 * @param currentId Who is addressed now, or ''.
 * @param chosen Whether the visitor chose `currentId` themselves.
 * @returns an id, or ''.
 */
export function chooseAddressee(
  candidates: readonly Candidate[],
  x: number,
  z: number,
  viewYaw: number,
  currentId: string,
  chosen: boolean,
): string {
  let nearest = '';
  let nearestM = Number.POSITIVE_INFINITY;
  let currentM = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const dx = candidate.x - x;
    const dz = candidate.z - z;
    const distance = Math.hypot(dx, dz);
    if (candidate.id === currentId) currentM = distance;
    const inView = Math.abs(angleBetween(viewYaw, Math.atan2(dx, dz))) < IN_VIEW;
    if (distance > ADDRESS_WITHIN_M || !(inView || distance < BESIDE_M) || distance >= nearestM) continue;
    nearest = candidate.id;
    nearestM = distance;
  }
  if (currentM > KEEP_WITHIN_M) return nearest;
  if (chosen || nearest === '' || currentM - nearestM < TAKE_OVER_M) return currentId;
  return nearest;
}

/** The next candidate within reach after `currentId`, in the order given; '' if there is no other. */
export function nextAddressee(
  candidates: readonly Candidate[],
  x: number,
  z: number,
  currentId: string,
): string {
  const from = candidates.findIndex((candidate) => candidate.id === currentId);
  for (let step = 1; step <= candidates.length; step++) {
    const candidate = candidates[(from + step + candidates.length) % candidates.length];
    if (candidate.id !== currentId && Math.hypot(candidate.x - x, candidate.z - z) <= KEEP_WITHIN_M)
      return candidate.id;
  }
  return '';
}
