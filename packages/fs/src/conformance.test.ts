import { mkdtemp, rm } from 'node:fs/promises';
