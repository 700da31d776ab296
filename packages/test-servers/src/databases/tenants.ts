import pg from 'pg';

/**
 * Turns on row-level security for `documents` of a PostgreSQL database: whoever connects by the URL that is returned
 * sees and writes the rows of the tenant that `app.tenant` names, and no others.
 *
 * @param url of a user that sees all rows.
 */
export async function asTenant(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(SECURED);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(url), { username: 'tenant', password: 'tenant' }).href;
}

const SECURED = `
DO $$ BEGIN CREATE ROLE tenant LOGIN PASSWORD 'tenant'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT ALL ON ALL TABLES IN SCHEMA public TO tenant;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO tenant;
ALTER TABLE documents ADD COLUMN tenant text NOT NULL DEFAULT current_setting('app.tenant', true);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants ON documents USING (tenant = current_setting('app.tenant', true));
`;
