// A certified OpenID provider for the tests: any password signs a known person in, as its own development form offers.
import Provider from 'oidc-provider'

const { port, client, people } = JSON.parse(process.argv[2])

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ ...client, grant_types: ['authorization_code'], response_types: ['code'] }],
  scopes: ['openid', 'profile', 'email', 'groups'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
  pkce: { required: () => true },
  // Signing out needs no second press of a button, and is told to the workspace, which is on this very machine.
  features: {
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        const sure = '<input type="hidden" name="logout" value="yes" form="op.logoutForm">'
        context.body = `<body>${form}${sure}<script>document.forms[0].submit()</script></body>`
      },
    },
  },
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  cookies: { keys: ['for the tests only'] },
  findAccount: (_context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
})

provider.listen(port, '127.0.0.1', () => console.log('listening'))
