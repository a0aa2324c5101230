"""Where an image's pixels come from, said as IPTC's DigitalSourceType in an XMP packet.

Terms and their meanings: http://cv.iptc.org/newscodes/digitalsourcetype/ (list of 2024-10-23).
"""

from packshot import __version__
from packshot.events import Generator

NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CUTOUT = f"{NEWSCODES}algorithmicallyEnhanced"
"""Altered by algorithm without a change of the main content: the product, its backdrop taken away."""

SCENES: dict[Generator, str] = {
    # `compositeSynthetic` would say that a generative model took part; the studio computes its sets.
    "studio": f"{NEWSCODES}composite",
    "flux": f"{NEWSCODES}compositeWithTrainedAlgorithmicMedia",
}

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    Iptc4xmpExt:DigitalSourceType="{source_type}"
    xmp:CreatorTool="Packshot {version}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def xmp_packet(source_type: str) -> str:
    """Return the read-only packet of an image of this source type, one of this module's terms."""
    return _PACKET.format(source_type=source_type, version=__version__)
