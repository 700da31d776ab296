interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** `errors[0].reason` of a JSON error. */
  readonly reason: string;
  /** `<Code>` of an XML error. */
  readonly code: string;
  readonly message: string;
  readonly details?: string;
  /** Where in the request the fault lies, for the errors whose JSON form says so. */
  readonly location?: { readonly type: 'header' | 'parameter'; readonly name: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server answers instead of doing what was asked, in a form that both of its APIs can write. */
export class GcsError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'GcsError';
    this.refusal = refusal;
  }

  toJson(): string {
    const { status, reason, message, location } = this.refusal;
    const where = location ? { locationType: location.type, location: location.name } : {};
    return JSON.stringify({
      error: { code: status, message, errors: [{ message, domain: 'global', reason, ...where }] },
    });
  }

  toXml(): string {
    const { code, message, details } = this.refusal;
    const more = details === undefined ? '' : `<Details>${escapeXml(details)}</Details>`;
    return `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${more}</Error>`;
  }
}

/** The text made safe for the inside of an XML element. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function invalid(message: string, code = 'InvalidArgument'): GcsError {
  return new GcsError({ status: 400, reason: 'invalid', code, message });
}

export function required(parameter: string): GcsError {
  return new GcsError({
    status: 400,
    reason: 'required',
    code: 'InvalidArgument',
    message: `Required parameter: ${parameter}`,
    location: { type: 'parameter', name: parameter },
  });
}

export function noSuchBucket(): GcsError {
  return new GcsError({
    status: 404,
    reason: 'notFound',
    code: 'NoSuchBucket',
    message: 'The specified bucket does not exist.',
  });
}

export function noSuchObject(bucket: string, name: string): GcsError {
  const message = `No such object: ${bucket}/${name}`;
  return new GcsError({ status: 404, reason: 'notFound', code: 'NoSuchKey', message });
}

export function noSuchPath(): GcsError {
  return new GcsError({ status: 404, reason: 'notFound', code: 'NotFound', message: 'Not Found' });
}

export function conflict(code: string, message: string): GcsError {
  return new GcsError({ status: 409, reason: 'conflict', code, message });
}

export function preconditionFailed(location = 'If-Match'): GcsError {
  return new GcsError({
    status: 412,
    reason: 'conditionNotMet',
    code: 'PreconditionFailed',
    message: 'At least one of the pre-conditions you specified did not hold.',
    location: { type: 'header', name: location },
  });
}

export function notModified(): GcsError {
  return new GcsError({ status: 304, reason: 'notModified', code: 'NotModified', message: 'Not Modified' });
}

export function rangeNotSatisfiable(size: number): GcsError {
  return new GcsError({
    status: 416,
    reason: 'requestedRangeNotSatisfiable',
    code: 'InvalidRange',
    message: 'The requested range cannot be satisfied.',
    headers: { 'content-range': `bytes */${size}` },
  });
}

export function forbidden(message: string, code = 'AccessDenied', details?: string): GcsError {
  return new GcsError({
    status: 403,
    reason: 'forbidden',
    code,
    message,
    ...(details === undefined ? {} : { details }),
  });
}

export function unauthorized(message: string): GcsError {
  return new GcsError({
    status: 401,
    reason: 'authError',
    code: 'AuthenticationRequired',
    message,
    location: { type: 'header', name: 'Authorization' },
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
  });
}

/** Says that the service can do it and this server cannot, so that no test passes because a request was half understood. */
export function notImplemented(what: string): GcsError {
  return new GcsError({
    status: 501,
    reason: 'notImplemented',
    code: 'NotImplemented',
    message: `${what} is not part of this test server.`,
  });
}
