// A real OpenID provider: whoever names himself on its page is that person, and may be in groups.
// provider.mjs PORT SECRET RETURN_ADDRESS
import Provider from 'oidc-provider'

const [port, secret, back] = process.argv.slice(2)
const groups = { linghua: ['archivists', 'security'], nobody: [] }

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'danggui', client_secret: secret, redirect_uris: [back] }],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'groups'],
  cookies: { keys: [secret] },
  findAccount: (_context, login) => ({
    accountId: login,
    claims: () => ({ sub: `id-of-${login}`, name: `人员 ${login}`, preferred_username: login, groups: groups[login] ?? [] }),
  }),
})
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
