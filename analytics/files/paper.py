"""A chart as a part of a document. Sizes in points."""

from mallops.lib.files import inks
from mallops.lib.files.paper import GAP, Part
from mallops.lib.ui.parts import Chart

from .drawings import painter

HEIGHTS = {"sm": 110, "": 150, "lg": 190}


class ChartPart(Part):
    """A chart with its title, its legend and, drawn anew, its picture."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart = chart

    def tall(self, width: float) -> float:
        self.above = 26 if self.chart.sub else 16
        return self.above + self._picture() + GAP

    def _picture(self) -> float:
        trace = self.chart.figure["data"][0]
        if trace.get("type") == "bar" and trace.get("orientation") == "h":
            return min(max(len(trace["y"]) * 16, 40), 560)
        if trace.get("type") == "heatmap":
            return min(max(len(trace["y"]) * 16 + 14, 80), 560)
        return HEIGHTS[self.chart.size]

    def draw(self) -> None:
        top = self.height - 11
        inks.draw(self.canv, 0, top, inks.fit(str(self.chart.title), self.width * 0.6, 11, bold=True), 11, bold=True)
        if self.chart.sub:
            inks.draw(self.canv, 0, top - 11, inks.fit(str(self.chart.sub), self.width, 8), 8, "muted")
        self._legend(top)
        self.canv.saveState()
        self.canv.translate(0, GAP)
        painter(self.chart.figure)(self.canv, self.chart.figure, self.width, self.height - self.above - GAP)
        self.canv.restoreState()

    def _legend(self, y: float) -> None:
        x = self.width
        if self.chart.ramp:
            ends = f"{self.chart.ramp.low} – {self.chart.ramp.high}"
            inks.draw(self.canv, x, y, ends, 7.5, "muted", align="end")
        for key in reversed(self.chart.keys):
            x -= inks.width(str(key.label), 7.5) + 16
            self.canv.setFillColor(inks.of_role(key.role))
            self.canv.rect(x, y, 8, 2 if key.line or key.dash else 7, stroke=0, fill=1)
            inks.draw(self.canv, x + 11, y, str(key.label), 7.5, "muted")
