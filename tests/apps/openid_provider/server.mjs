// A certified OpenID provider for the tests: any password signs a known person in, as its own development form offers.
import Provider from 'oidc-provider'

const { port, client, people } = JSON.parse(process.argv[2])

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ ...client, grant_types: ['authorization_code'], response_types: ['code'] }],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
  pkce: { required: () => true },
  cookies: { keys: ['for the tests only'] },
  findAccount: (_context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
})

provider.listen(port, '127.0.0.1', () => console.log('listening'))
