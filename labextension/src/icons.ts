/** Icons of this extension; the rest comes from Lab. */
import { LabIcon } from '@jupyterlab/ui-components';

const sharingSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 1.8 22.2 12 12 22.2 1.8 12Zm0 2.9L4.7 12l7.3 7.3 7.3-7.3Z"/>' +
  '<circle class="jp-icon3" fill="#616161" cx="12" cy="12" r="3.2"/></svg>';

const publishSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 2 6.5 7.5l1.4 1.4L11 5.8V16h2V5.8l3.1 3.1 1.4-1.4ZM5 13v8h14v-8h-2v6H7v-6Z"/></svg>';

const passedSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.6 14.6-4-4 1.4-1.4 2.6 2.6 5.8-5.8 1.4 1.4Z"/></svg>';

const stoppedSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M8.1 2h7.8L22 8.1v7.8L15.9 22H8.1L2 15.9V8.1Zm.5 5.2L7.2 8.6l3.4 3.4-3.4 3.4 1.4 1.4 3.4-3.4 3.4 3.4 1.4-1.4-3.4-3.4 3.4-3.4-1.4-1.4-3.4 3.4Z"/></svg>';

const waitingSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16Zm-1 3v6l4.6 2.7 1-1.7-3.6-2.1V7Z"/></svg>';

const askSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 2.5 23 21.5H1Zm-1 7v6h2v-6Zm0 7.5v2h2v-2Z"/></svg>';

const plainSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm0 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z"/></svg>';

const lineageSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<path class="jp-icon3" fill="#616161" d="M2 3h7v5H6.5v2.3l4 1.2V9h7v2.3H22v2h-4.5V16h-7v-2.5L4.5 11.7V8H2Zm2 2v1h3V5Zm8.5 6v3h3v-3ZM2 16h7v5H2Zm2 2v1h3v-1Z"/></svg>';

const icon = (name: string, svgstr: string): LabIcon =>
  new LabIcon({ name: `workbench:${name}`, svgstr });

export const sharingIcon = icon('sharing', sharingSvg);
export const lineageIcon = icon('lineage', lineageSvg);
export const publishIcon = icon('publish', publishSvg);
/** One shape for each tone, so that colour never stands alone. */
export const toneIcons = {
  good: icon('passed', passedSvg),
  bad: icon('stopped', stoppedSvg),
  wait: icon('waiting', waitingSvg),
  ask: icon('attention', askSvg),
  plain: icon('plain', plainSvg)
};
