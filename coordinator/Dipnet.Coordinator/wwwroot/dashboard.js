// Charts and the connection banner. Everything else is rendered by the server.

const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const charts = new Set();

/** Draws `rows` ([x, y1, y2, …] each) into `element` and returns what the server calls afterwards. */
export function create(element, options, rows) {
  const chart = new Chart(element, options, rows);
  charts.add(chart);
  return chart;
}

class Chart {
  constructor(element, options, rows) {
    this.element = element;
    this.options = options;
    this.columns = options.series.map(() => []);
    this.columns.unshift([]);
    this.legend = document.createElement('ul');
    this.legend.className = 'legend';
    this.values = options.series.map(series => this.addLegendEntry(series));
    this.add(rows);
    this.plot = new uPlot(this.plotOptions(), this.plotData(), element);
    element.append(this.legend);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(element);
    this.showValues(null);
  }

  /** Adds new rows at the end. */
  append(rows) {
    this.add(rows);
    this.refresh();
  }

  /** Replaces everything that is drawn. */
  set(rows) {
    this.columns.forEach(column => { column.length = 0; });
    this.append(rows);
  }

  dispose() {
    this.resizing.disconnect();
    this.plot.destroy();
    this.legend.remove();
    charts.delete(this);
  }

  add(rows) {
    for (const row of rows) {
      this.columns.forEach((column, i) => column.push(row[i] ?? null));
    }
  }

  refresh() {
    this.plot.setData(this.plotData());
    this.showValues(this.plot.cursor.idx);
  }

  redraw() {
    this.plot.redraw(false, true);
  }

  resize() {
    if (this.element.clientWidth > 0 && this.element.clientWidth !== this.plot.width) {
      this.plot.setSize({ width: this.element.clientWidth, height: this.options.height });
    }
  }

  // A stack is drawn from its top line downwards, each line filled to zero over the one before.
  plotData() {
    const [x, ...values] = this.columns;
    if (!this.options.stacked) {
      return [x, ...values];
    }

    let below = x.map(() => 0);
    const tops = values.map(column => (below = column.map((value, i) => below[i] + (value ?? 0))));
    return [x, ...tops.reverse()];
  }

  plotOptions() {
    const { options } = this;
    const line = { stroke: () => color('--muted'), grid: { stroke: () => color('--grid'), width: 1 }, ticks: { show: false } };
    const font = '11px ' + getComputedStyle(document.body).fontFamily;
    const drawn = options.stacked ? [...options.series].reverse() : options.series;
    return {
      width: Math.max(this.element.clientWidth, 200),
      height: options.height,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 6 } },
      scales: { x: { time: false }, y: { range: (_, low, high) => range(low, high, options.fromZero) } },
      axes: [
        { ...line, font, size: 28, gap: 4, space: 70, values: (_, ticks) => ticks.map(tick => compact.format(tick)), incrs: steps },
        { ...line, font, size: 50, gap: 6, space: 36, values: (_, ticks) => ticks.map(tick => compact.format(tick)) },
      ],
      series: [{}, ...drawn.map(series => ({
        stroke: () => color(series.color),
        fill: options.stacked ? () => color(series.color) : undefined,
        width: options.stacked ? 0 : series.width,
        dash: series.dashed ? [4, 4] : undefined,
        spanGaps: true,
        points: { show: false },
      }))],
      hooks: { setCursor: [plot => this.showValues(plot.cursor.idx)] },
    };
  }

  addLegendEntry(series) {
    const entry = document.createElement('li');
    const key = document.createElement('i');
    key.style.background = series.color.startsWith('--') ? `var(${series.color})` : series.color;
    const value = document.createElement('b');
    entry.append(key, series.label, ' ', value);
    this.legend.append(entry);
    return value;
  }

  // The values under the pointer, else the newest.
  showValues(index) {
    const [, ...columns] = this.columns;
    columns.forEach((column, i) => {
      const value = index == null ? column.findLast(v => v != null) : column[index];
      this.values[i].textContent = value == null ? '–' : numbers.format(value) + (this.options.unit ? ' ' + this.options.unit : '');
    });
  }
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8];

function range(low, high, fromZero) {
  if (low == null) {
    return [0, 1];
  }
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [fromZero ? Math.min(0, low) : low - room, high + room];
}

function color(name) {
  return name.startsWith('--') ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : name;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach(chart => chart.redraw()));
