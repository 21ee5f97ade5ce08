// Exactly the parts of the chart library that are drawn with, so that no more of it is sent.
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use as draw } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

draw([LineChart, GridComponent, TooltipComponent, LegendComponent, SVGRenderer]);

export { init };
