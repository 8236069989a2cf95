export * from './engines/contracts.ts';
