// Sets light or dark before the first paint, so it is a small classic script in the head.
// The reader's choice (auto, light, dark) is kept in this browser; mall.js changes it.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');

  const apply = () => {
    let choice = 'auto';
    try {
      choice = localStorage.getItem('mall-theme') || 'auto';
    } catch { /* storage is switched off: follow the system */ }
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === 'auto' ? (system.matches ? 'dark' : 'light') : choice;
  };

  apply();
  system.addEventListener('change', apply);
  addEventListener('storage', apply);
  addEventListener('mall:theme', apply);
  addEventListener('beforeprint', () => { root.dataset.bsTheme = 'light'; });
  addEventListener('afterprint', apply);
})();
