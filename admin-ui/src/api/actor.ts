/** Who did something, as it was then. Replaced by the generated type once all routes are described. */
export interface Actor {
  kind: string;
  id?: string;
  name?: string;
  ip?: string;
  /** `X-Request-Id` of the request. */
  request?: string;
}
