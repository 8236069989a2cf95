import type { LoadHeadOptions } from '../head/load-head.ts';
import { canBind } from './head-binder.ts';

/** True when heads without controls are to be bound, and can be. */
export function binds({ bind, rig }: Pick<LoadHeadOptions, 'bind' | 'rig'>): boolean {
  return bind !== 'never' && (canBind || rig !== undefined);
}
