import type {
  Asked,
  Claim,
  ClaimRequest,
  PartsAnswer,
  PartsRequest,
  ResumableClaim,
} from '../claim/claim.ts';
import type { Progress } from '../control/progress.ts';

/** What every way of uploading takes. */
export interface UploadOptions {
  /** Told how far it is, whenever that changes. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the upload at once, and takes back what the server holds of it. */
  readonly signal?: AbortSignal;
  /** Of the file. Default: `file.name`, else `file`. */
  readonly filename?: string;
  /** Default: `file.type`. */
  readonly contentType?: string;
  /**
   * Headers for the application's own server (an address in `claim`, `tus` or `to`), such as `authorization`; a function gives
   * them anew for each request. They are not sent to a storage.
   */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);
  /** Send cookies to the application's server where it has another origin than the page. Default: false. */
  readonly credentials?: boolean;
  /** Tries in a row that bring nothing further, before it fails. Default: 12. */
  readonly attempts?: number;
  /** The longest wait before the second try, in seconds. It doubles with each, up to 30. Default: 0.5. */
  readonly backOffSeconds?: number;
  /** A request that neither sends nor gets a byte for so long is given up: a try like others. Default: 60. */
  readonly idleSeconds?: number;
}

/** How an upload goes on after a reload, where it goes in parts, to a session or by tus. */
export interface ResumeOptions {
  /** Go on after a reload. Default: true. */
  readonly resumes?: boolean;
  /**
   * Who uploads, where several people use one browser: nobody goes on with an upload of somebody else. A `Blob` without name and
   * date goes on after a reload only with such a key, and so does what functions claim.
   */
  readonly resumeKey?: string;
}

/** The application's server gives a place on the storage. */
export interface ClaimedUploadOptions extends UploadOptions, ResumeOptions {
  /**
   * Asks the application's server for a claim: its address, which is asked with POST and JSON, or a function that asks. The
   * function may give the server's `Response` as it is. The claim says how the file goes: by one request, in parts, or to a session.
   */
  readonly claim: Asked<ClaimRequest, Claim | ResumableClaim>;
  /** Of a claim in parts or of a session: has parts signed, and tells what is stored. Default: the address in `claim`, which is asked that, too. */
  readonly parts?: Asked<PartsRequest, PartsAnswer>;
  /**
   * Compute the SHA-256 of the file first, and claim with it, so that nothing else can be uploaded. It is read twice, and is in
   * memory as a whole. Default: false.
   */
  readonly digest?: boolean;
}

/** A server of tus keeps what has arrived, so that an upload goes on where it was cut off. */
export interface ResumableUploadOptions extends UploadOptions, ResumeOptions {
  /** The address of the server's tus handler. */
  readonly tus: string | URL;
  /** For the server, beside the file's name and type. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Bytes of one request at the most. Default: 8 MiB. */
  readonly partSizeBytes?: number;
}

/** Where both are given: small files by claim, large ones by tus. */
export interface ChosenUploadOptions
  extends ClaimedUploadOptions,
    Omit<ResumableUploadOptions, keyof UploadOptions | keyof ResumeOptions> {
  /** Larger files go by tus. Default: 32 MiB. */
  readonly tusAboveBytes?: number;
}

/** The application takes the file itself, as the body of one request. */
export interface PlainUploadOptions extends UploadOptions {
  /** Where. */
  readonly to: string | URL;
  /** Default: `POST`. */
  readonly method?: 'POST' | 'PUT';
}

/** What the application's server makes a file of: `field.redeem(token, { for })`. */
export interface Uploaded {
  readonly token: string;
}

/** What the application's server has answered: JSON as what it stands for, anything else as text. */
export interface Answered {
  readonly answer: unknown;
}

/** An upload that runs: the promise of what comes of it. */
export interface Upload<Result> extends Promise<Result> {
  /** Ends the requests that run, but for the one of `to`. What the server has stays there. */
  pause(): void;
  /** Goes on: where it was, or, for what went in one request, from its start. */
  resume(): void;
}
