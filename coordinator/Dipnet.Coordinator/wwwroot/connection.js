// Starts the page's connection to the coordinator and says when it is lost. What was last shown stays readable.
(() => {
  const banner = document.getElementById('connection');
  const text = document.getElementById('connection-text');
  const say = message => {
    banner.hidden = message === null;
    text.textContent = message ?? '';
    document.body.classList.toggle('stale', message !== null);
  };

  let attempt = 0;
  let timer = 0;

  // The coordinator may be away for a second or for good: try soon, then rarely, for as long as the page is open.
  const reconnect = async () => {
    attempt++;
    try {
      if (await Blazor.reconnect() !== true) {
        location.reload(); // Another coordinator process answers; this page's state was the old one's.
        return;
      }
      up();
    } catch {
      timer = setTimeout(reconnect, Math.min(1000 * attempt, 10000));
    }
  };
  const down = () => {
    say('Connection to the coordinator is lost. This is the last known state; reconnecting …');
    if (timer === 0) {
      attempt = 0;
      timer = setTimeout(reconnect, 500);
    }
  };
  const up = () => {
    clearTimeout(timer);
    timer = 0;
    say(null);
  };

  document.getElementById('reload').addEventListener('click', () => location.reload());
  Blazor.start({ circuit: { reconnectionHandler: { onConnectionDown: down, onConnectionUp: up } } });
})();
