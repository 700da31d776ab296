/** Nobody answered at that address, or somebody whose certificate is not trusted, or what was to be sent was no request. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ERR_INVALID_.*|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|.*_CERT_.*|.*_CERT|.*_SIGNATURE)$/;

/**
 * Whether an error's `code`, as Node's sockets give it, says that the request was never sent: so whatever it was to do
 * was certainly not done. Of other codes, such as `ECONNRESET`, nobody can tell.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
export const isUnreachable = (code: string | undefined): boolean => code !== undefined && NOT_SENT.test(code);
