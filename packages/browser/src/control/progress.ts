/** How far an upload is. Speed and time left are for the caller to compute, who knows what they are shown as. */
export interface Progress {
  /** What the browser has sent. It may go back: what was sent and not confirmed is sent again after a cut. */
  readonly sentBytes: number;
  /** What the server has said that it has. */
  readonly confirmedBytes: number;
  readonly totalBytes: number;
}
