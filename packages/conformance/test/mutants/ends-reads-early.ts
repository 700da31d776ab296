import { shortBody, withFaults } from '@fieldfile/conformance';
import { MemoryBackend } from '@fieldfile/memory';

/** Ends a body early without an error, again and again. */
export const endsReadsEarly = (): MemoryBackend =>
  withFaults(new MemoryBackend(), [{ on: 'read', fault: shortBody(5000) }]);
