// <mall-chart data-json="id of a JSON script" | data-src="url" data-label="sentence">
//
// Draws a Plotly figure in the colours of the page. The figure carries no colours, only roles:
//   trace.meta.role   c1..c6, other, better, worse   one colour (line, bar, marker, soft fill)
//                     muted                          the compared period: grey and dotted
//                     band                           a grey area, such as the average of all stores
//                     seq                            heatmap
//                     div                            heatmap of moves up and down (zmin and zmax as far from 0)
//                     tree                           treemap; marker.colors are changes (0.05 is +5 %) or null
//                     cats                           pie, funnel, treemap: c1..c6 in turn, then grey
//                     flow                           sankey; meta.roles: one per node, meta.links: one per link
//                     waterfall                      up, down, total
//   trace.meta.roles  one role per bar
//   trace.meta.limit  for tree: the change that gets the strongest colour (0.1)
//                     mark                           signs of what happened, above lines: roles are holiday, launch, note
//   shape.name        campaign, holiday, note (soft bands), launch (dotted line), target (dashed line)
//
// A point reacts to a click when its customdata is (or is a list containing) an object:
//   {"url": "/stores/7/"}          goes there
//   {"filter": {"store": "7"}}     sets the controls of the form named by data-filter-form ("filters") and submits it;
//                                  a click on the value already set takes it away
// First the event `mall-chart:pick` (detail: that object) bubbles from the element; preventDefault() stops both.
// Numbers are never formatted here: hover texts, tick texts and labels come from the server.

const SERIES = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const CLEAR = 'rgba(0,0,0,0)';
const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };

let bundle;
function loadPlotly() {
  bundle ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = document.body.dataset.plotly;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      bundle = undefined;
      reject(new Error('the chart library could not be loaded'));
    };
    document.head.append(script);
  });
  return bundle;
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--m-${name}`).trim();
}

function fade(hex, alpha) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${red},${green},${blue},${alpha})`;
}

const inTurn = (values, colour) => values.map((_, index) => colour(SERIES[index] ?? 'other'));

function treeColour(change, limit, colour) {
  if (change === null) return colour('sunk');
  const strength = change / limit;
  return colour(`div-${[-0.5, -0.05, 0.05, 0.5].filter((step) => strength > step).length}`);
}

const painters = {
  muted(trace, colour) {
    trace.line = { width: 1.5, dash: 'dot', ...trace.line, color: colour('muted') };
    trace.marker = { ...trace.marker, color: colour('other') };
    if (trace.type === 'bar') trace.marker.color = fade(colour('other'), 0.45);
  },
  band(trace, colour) {
    trace.line = { ...trace.line, width: 0, color: colour('other') };
    trace.fillcolor = colour('band');
    trace.hoverinfo ??= 'skip';
  },
  seq(trace, colour) {
    trace.colorscale = [0, 1, 2, 3, 4, 5].map((step) => [step / 5, colour(`seq-${step}`)]);
    Object.assign(trace, { showscale: false, xgap: trace.xgap ?? 2, ygap: trace.ygap ?? 2 });
  },
  div(trace, colour) {
    trace.colorscale = [0, 1, 2, 3, 4].map((step) => [step / 4, colour(`div-${step}`)]);
    Object.assign(trace, { showscale: false, xgap: trace.xgap ?? 2, ygap: trace.ygap ?? 2 });
  },
  tree(trace, colour) {
    const limit = trace.meta.limit ?? 0.1;
    const changes = trace.marker?.colors ?? trace.labels.map(() => null);
    trace.marker = {
      ...trace.marker,
      colors: changes.map((change) => treeColour(change, limit, colour)),
      line: { width: 2, color: colour('panel') },
    };
    tile(trace, colour);
  },
  cats(trace, colour) {
    const names = trace.labels ?? trace.y ?? [];
    const colours = inTurn(names, colour);
    trace.marker = { ...trace.marker, line: { width: 2, color: colour('panel') } };
    if (trace.type === 'funnel') trace.marker.color = colours;
    else trace.marker.colors = colours;
    if (trace.type === 'treemap') tile(trace, colour);
    trace.insidetextfont = { color: colour('panel'), ...trace.insidetextfont };
    trace.outsidetextfont = { color: colour('ink'), ...trace.outsidetextfont };
    if (trace.type === 'funnel') trace.connector = { fillcolor: colour('sunk'), line: { width: 0 }, ...trace.connector };
  },
  mark(trace, colour) {
    const colours = { holiday: 'c2', launch: 'ink', note: 'c4' };
    const signs = { holiday: 'circle', launch: 'triangle-down', note: 'diamond' };
    const roles = trace.meta.roles;
    const symbol = roles.map((role) => signs[role]);
    trace.marker = { ...trace.marker, symbol, opacity: 1, color: roles.map((role) => colour(colours[role])), line: { width: 0 } };
  },
  flow(trace, colour) {
    const labels = trace.node?.label ?? [];
    const colours = labels.map((_, index) => colour(trace.meta.roles?.[index] ?? SERIES[index % SERIES.length]));
    trace.node = { pad: 14, thickness: 14, ...trace.node, color: colours, line: { width: 0 } };
    const links = trace.meta.links?.map((role) => fade(colour(role), role === 'c1' ? 0.3 : 0.8)); // the first is the ground
    trace.link = { ...trace.link, color: links ?? (trace.link?.source ?? []).map((source) => fade(colours[source], 0.28)) };
    trace.textfont = { color: colour('ink'), size: 12, ...trace.textfont };
  },
  waterfall(trace, colour) {
    for (const [part, role] of [['increasing', 'c1'], ['decreasing', 'c2'], ['totals', 'other']]) {
      trace[part] = { marker: { color: colour(role) } };
    }
    trace.connector = { line: { color: colour('control'), width: 1, dash: 'dot' } };
  },
};

function tile(trace, colour) {
  trace.textfont = { color: colour('ink'), size: 12, ...trace.textfont };
  trace.pathbar = { visible: false, ...trace.pathbar };
  trace.root = { color: CLEAR, ...trace.root };
  trace.tiling = { pad: 2, ...trace.tiling };
}

function plain(trace, colour, role) {
  const own = colour(role) || colour('c1');
  const roles = trace.meta?.roles;
  trace.marker = { ...trace.marker, color: roles ? roles.map(colour) : own };
  if (trace.type === 'histogram' || trace.type === 'bar') trace.marker.line ??= { width: 0 };
  if (trace.type !== 'bar' && trace.type !== 'funnel') trace.line = { width: 2, ...trace.line, color: own };
  if (trace.fill) trace.fillcolor = fade(own, 0.1);
  if (trace.type === 'bar') trace.outsidetextfont = { color: colour('ink'), ...trace.outsidetextfont };
  if (trace.type === 'funnel') {
    trace.connector = { fillcolor: colour('sunk'), line: { width: 0 }, ...trace.connector };
    trace.insidetextfont = { color: colour('panel'), ...trace.insidetextfont };
    trace.outsidetextfont = { color: colour('ink'), ...trace.outsidetextfont };
  }
}

const LONG = 250 * 86_400_000; // ms; beyond, ticks are months

function dayFormat(data) {
  const days = data.find((trace) => /^\d{4}-\d\d-\d\d$/.test(trace.x?.[0]))?.x;
  if (!days) return {};
  const chinese = document.body.dataset.locale === 'zh-CN';
  const long = new Date(days.at(-1)) - new Date(days[0]) > LONG;
  const [day, month] = chinese ? ['%-m月%-d日', '%Y年%-m月'] : ['%b %-d', '%b %Y'];
  return { type: 'date', tickformat: long ? month : day, hoverformat: '%Y-%m-%d' };
}

const BANDS = { campaign: 'campaign', holiday: 'campaign', note: 'note' };
const TALL = { layer: 'below', yref: 'paper', y0: 0, y1: 1 };

function dressShape(shape, colour) {
  if (shape.name === 'launch') return { type: 'line', ...TALL, ...shape, line: { width: 1, dash: 'dot', color: colour('ink') } };
  if (!BANDS[shape.name]) return { type: 'line', ...shape, line: { width: 1.5, dash: 'dash', ...shape.line, color: colour('worse') } };
  const label = shape.label && { label: { textposition: 'top left', ...shape.label, font: { size: 12, color: colour('ink') } } };
  return { type: 'rect', ...TALL, ...shape, fillcolor: colour(BANDS[shape.name]), line: { width: 0 }, ...label };
}

/** The figure of the server with the colours, sizes and habits of the page. */
function dress({ data, layout = {} }, box) {
  const colour = palette();
  const family = getComputedStyle(document.body).fontFamily;
  const heat = data.some((trace) => trace.type === 'heatmap');
  const lines = data.some((trace) => !trace.type || trace.type === 'scatter');
  for (const trace of data) {
    const role = trace.meta?.role ?? 'c1';
    if (painters[role]) painters[role](trace, colour);
    else plain(trace, colour, role);
  }
  const dressed = {
    dragmode: false,
    hovermode: lines ? 'x unified' : 'closest',
    showlegend: false,
    bargap: 0.35,
    separators: '.,',
    ...layout,
    width: box.paper ? Math.min(box.paper, box.clientWidth) : box.clientWidth,
    height: box.clientHeight,
    paper_bgcolor: colour('panel'), // not transparent: hover lines get an edge in this colour
    plot_bgcolor: colour('panel'),
    colorway: SERIES.map(colour),
    font: { size: 12, ...layout.font, family, color: colour('muted') },
    margin: { l: 4, r: 12, t: 8, b: 4, pad: 4, ...layout.margin },
    hoverlabel: {
      align: 'left', ...layout.hoverlabel, bgcolor: colour('panel'), bordercolor: colour('control'),
      font: { family, size: 13, color: colour('ink') },
    },
  };
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  for (const name of new Set(['xaxis', 'yaxis', ...axes])) {
    const vertical = name.startsWith('y');
    dressed[name] = {
      automargin: true, fixedrange: true, zeroline: false, showgrid: vertical && !heat, ticks: '',
      showspikes: lines && !vertical, spikemode: 'across', spikedash: 'solid', spikethickness: 1,
      ...(vertical || heat ? {} : dayFormat(data)),
      ...(vertical && lines ? { rangemode: 'tozero' } : {}),
      ...layout[name],
      gridcolor: colour('line'), linecolor: colour('line'), spikecolor: colour('control'), zerolinecolor: colour('control'),
    };
  }
  dressed.shapes = (layout.shapes ?? []).map((shape) => dressShape(shape, colour));
  dressed.annotations = (layout.annotations ?? []).map((note) => (
    { showarrow: false, ...note, font: { size: 12, color: colour('muted'), ...note.font } }));
  return { data, layout: dressed };
}

const targetOf = (customdata) => [customdata].flat().find((part) => part && typeof part === 'object');

class MallChart extends HTMLElement {
  connectedCallback() {
    this.observers = [];
    this.setAttribute('role', 'img');
    if (this.dataset.label) this.setAttribute('aria-label', this.dataset.label);
    const eager = 'eager' in this.dataset || new URLSearchParams(location.search).has('print');
    if (eager || !window.IntersectionObserver) {
      this.draw();
      return;
    }
    const near = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      near.disconnect();
      this.draw();
    }, { rootMargin: '300px' });
    near.observe(this);
    this.observers.push(near);
  }

  disconnectedCallback() {
    for (const observer of this.observers) observer.disconnect();
    this.observers = [];
    if (this.drawn) window.Plotly.purge(this);
    this.drawn = false;
    this.begun = false;
    this.classList.remove('is-drawn');
  }

  async text() {
    if (!this.dataset.src) return document.getElementById(this.dataset.json).textContent;
    const answer = await fetch(this.dataset.src, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`the figure answered ${answer.status}`);
    return answer.text();
  }

  async draw() {
    if (this.begun) return;
    this.begun = true;
    try {
      const [Plotly, text] = await Promise.all([loadPlotly(), this.text()]);
      if (!this.isConnected) return;
      const parts = () => dress(JSON.parse(text), this);
      const { data, layout } = parts();
      const clickable = data.some((trace) => [trace, trace.node ?? {}, trace.link ?? {}]
        .some((part) => Array.isArray(part.customdata) && part.customdata.some(targetOf)));
      await Plotly.newPlot(this, data, layout, { ...CONFIG, locale: document.body.dataset.locale });
      if (!this.isConnected) {
        Plotly.purge(this);
        return;
      }
      this.drawn = true;
      this.classList.add('is-drawn');
      this.classList.toggle('is-clickable', clickable);
      this.on('plotly_click', (event) => this.pick(event.points[0]));
      this.on('plotly_treemapclick', (event) => { // false: no zooming, and no plotly_click either
        this.pick(event.points[0]);
        return false;
      });
      this.redraw = () => {
        const fresh = parts();
        Plotly.react(this, fresh.data, fresh.layout);
      };
      this.watch();
    } catch (error) {
      console.warn(error);
      this.fail();
    }
  }

  /** Says so, and offers to try again. */
  fail() {
    this.begun = false;
    this.classList.add('is-failed');
    this.removeAttribute('role'); // a picture has no button in it
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'btn btn-secondary btn-sm chart-retry';
    again.textContent = document.getElementById('toasts')?.dataset.retry ?? '↻';
    again.addEventListener('click', () => {
      again.remove();
      this.classList.remove('is-failed');
      this.setAttribute('role', 'img');
      this.draw();
    });
    this.replaceChildren(again);
  }

  /** Draws anew when the box changes its size or the page its colours. */
  watch() {
    let { clientWidth: width, clientHeight: height } = this;
    const size = new ResizeObserver(() => {
      if (this.clientWidth === width && this.clientHeight === height) return;
      ({ clientWidth: width, clientHeight: height } = this);
      if (width) requestAnimationFrame(() => this.drawn && this.redraw());
    });
    size.observe(this);
    const theme = new MutationObserver(() => this.drawn && this.redraw());
    theme.observe(document.documentElement, { attributeFilter: ['data-bs-theme'] });
    this.observers.push(size, theme);
  }

  pick(point) {
    const target = targetOf(point?.customdata);
    const event = new CustomEvent('mall-chart:pick', { detail: target, bubbles: true, cancelable: true });
    if (!target || !this.dispatchEvent(event)) return;
    if (target.url) {
      location.assign(target.url);
      return;
    }
    const form = document.getElementById(this.dataset.filterForm ?? 'filters');
    if (!form || !target.filter) return;
    const wanted = Object.entries(target.filter);
    const isSet = wanted.every(([name, value]) => form.elements[name]?.value === String(value));
    for (const [name, value] of wanted) {
      if (form.elements[name]) form.elements[name].value = isSet ? '' : value;
    }
    form.requestSubmit();
  }
}

const PAPER = 718; // px of A4 between margins of 10 mm

/** Charts do not flow: for paper they are drawn anew, as wide as it. Those not seen yet are drawn at once. */
function print(width) {
  for (const chart of document.querySelectorAll('mall-chart')) {
    chart.paper = width;
    if (chart.drawn) chart.redraw();
    else if (width) chart.draw();
  }
}

addEventListener('beforeprint', () => print(PAPER));
addEventListener('afterprint', () => print(null));

customElements.define('mall-chart', MallChart);
