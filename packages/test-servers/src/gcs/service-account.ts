import { generateKeyPair, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { forbidden } from './gcs-error.ts';

/** What `new Storage({ credentials })` takes. */
export interface GcsCredentials {
  readonly client_email: string;
  /** An RSA key in PEM, made for this server. */
  readonly private_key: string;
}

/** The one account a server knows: whose signatures it accepts, and which it signs for on request. */
export class ServiceAccount {
  readonly email: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  static async generate(projectId: string): Promise<ServiceAccount> {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return new ServiceAccount(`fieldfile@${projectId}.iam.gserviceaccount.com`, privateKey, publicKey);
  }

  private constructor(email: string, privateKey: KeyObject, publicKey: KeyObject) {
    this.email = email;
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
  }

  get credentials(): GcsCredentials {
    return {
      client_email: this.email,
      private_key: this.#privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  sign(bytes: Uint8Array): Buffer {
    return sign('RSA-SHA256', bytes, this.#privateKey);
  }

  /** @throws 403 when the account is another or the signature is not its own for one of these texts. */
  verify(email: string, texts: readonly string[], signatureHex: string): void {
    if (email !== this.email)
      throw forbidden(`The service account '${email}' does not exist.`, 'AccountNotFound');
    const signature = Buffer.from(signatureHex, 'hex');
    if (texts.some(text => verify('RSA-SHA256', Buffer.from(text), this.#publicKey, signature))) return;
    throw forbidden(
      'Access denied.',
      'SignatureDoesNotMatch',
      `The signature does not match what the server computed for: ${texts[0]}`,
    );
  }
}
