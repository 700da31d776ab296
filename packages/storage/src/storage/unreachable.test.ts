import { expect, test } from 'vitest';
import { isUnreachable } from './unreachable.ts';

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('%s: nothing was sent', code => {
  expect(isUnreachable(code)).toBe(true);
});

test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'SignatureDoesNotMatch', '', undefined])(
  '%s: nobody can tell',
  code => {
    expect(isUnreachable(code)).toBe(false);
  },
);
