"""`cpmi.storage` by the name under which the modules of runs import it."""

from cpmi.storage import make_folder as make_folder
from cpmi.storage import refused as refused
from cpmi.storage import remove_file as remove_file
from cpmi.storage import remove_leftovers as remove_leftovers
from cpmi.storage import replacing as replacing
from cpmi.storage import sync_folder as sync_folder
from cpmi.storage import write_json as write_json
from cpmi.storage import write_text as write_text
