import { MemoryStorage } from '@fieldfile/memory';
import { existingStorage, type Plan } from './plan.ts';

export const planMemory = (): Plan => existingStorage('this process', new MemoryStorage({ id: 'memory' }));
