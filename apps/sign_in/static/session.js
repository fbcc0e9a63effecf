// In every page of the workspace: goes to the sign-in as soon as the session has ended, and tells the server that a
// person is at work here. Asking whether the session holds is not work; keys and clicks are.
(() => {
  const ASK_EVERY = 4000
  const TELL_EVERY = 60000
  let told = 0

  const leave = (wayOut) => {
    const here = location.pathname + location.search
    location.replace(wayOut.startsWith('/sign-in') ? wayOut : '/sign-in?why=ended&next=' + encodeURIComponent(here))
  }
  const ask = async () => {
    if (document.hidden) return
    try {
      const answer = await fetch('/session', { cache: 'no-store', redirect: 'manual' })
      if (answer.status === 401) leave(await answer.text())
    } catch {
      // The server is away for a moment; Streamlit says so itself.
    }
  }
  const tell = () => {
    const now = Date.now()
    if (now - told < TELL_EVERY) return
    told = now
    fetch('/session', { method: 'POST', cache: 'no-store' }).catch(() => {})
  }

  setInterval(ask, ASK_EVERY)
  document.addEventListener('visibilitychange', ask)
  document.addEventListener('pointerdown', tell, { capture: true, passive: true })
  document.addEventListener('keydown', tell, { capture: true, passive: true })
})()
