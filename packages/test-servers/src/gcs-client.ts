import { Storage as Client } from '@google-cloud/storage';
import type { GcsServer } from './gcs.ts';

/** The SDK on a test server, with the key of the server's account and a token, none of which asks Google for anything. */
export async function connect(
  server: GcsServer,
  accessToken: string = server.accessToken,
  apiEndpoint: string = server.endpoint,
): Promise<Client> {
  const { projectId, credentials } = server;
  const client = new Client({
    apiEndpoint,
    projectId,
    useAuthWithCustomEndpoint: true,
  });
  client.authClient.jsonContent = { type: 'service_account', ...credentials };
  const account = await client.authClient.getClient();
  account.setCredentials({ access_token: accessToken });
  return client;
}
