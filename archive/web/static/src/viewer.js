// The page viewer: a deep-zoom image of the scan. Pages find it as window.OpenSeadragon.
import OpenSeadragon from "openseadragon";

window.OpenSeadragon = OpenSeadragon;
