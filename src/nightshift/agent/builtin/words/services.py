"""What people call a service by what it does, and the software that does it: `the password manager` → vaultwarden.

A role is looked for in names first, then in tags, then in the notes of guests: the first that has any wins, since a
name is chosen with care and a note may only mention something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nightshift.agent.builtin.words.function_words import FUNCTION_WORDS
from nightshift.facts.ids import Entity
from nightshift.tools.names import Named, normalise
from nightshift.tools.resolve import EntityIndex

# Names of the watched systems. A guest may be called so, but without one they are no unknown names.
SYSTEMS = frozenset({"grafana", "prometheus", "pve", "pbs", "proxmox", "alertmanager", "nightshift", "linux", "debian"})


@dataclass(frozen=True, slots=True)
class Role:
    """The phrases for one kind of service, and names of software that is one."""

    said: tuple[str, ...]
    software: tuple[str, ...]


def _role(said: str, software: str) -> Role:
    return Role(tuple(said.split("|")), tuple(software.split()))


ROLES: tuple[Role, ...] = (
    _role("media server|media centre|media center|movie server|film server|streaming server|tv server",
          "jellyfin plex emby kodi"),
    _role("music server|music", "navidrome lms airsonic funkwhale"),
    _role("nas|file server|fileserver|file share|network storage",
          "nas truenas omv openmediavault synology samba smb unraid nextcloud fileserver"),
    _role("cloud|private cloud|file sync", "nextcloud owncloud seafile syncthing"),
    _role("password manager|password vault|passwords|password server|password safe",
          "vaultwarden bitwarden passbolt keepass psono"),
    _role("reverse proxy|proxy|ingress", "traefik nginx caddy npm haproxy nginxproxymanager nginx-proxy-manager swag"),
    _role("home automation|smart home|smarthome|home controller|hass|automation server",
          "home-assistant homeassistant haos hass openhab iobroker domoticz"),
    _role("photo server|photos|photo library|picture server|pictures|fotos|foto server|photo gallery|photo album",
          "immich photoprism piwigo librephotos photoview"),
    _role("mail server|mail|email server|email", "mail mailcow mailserver mailu stalwart postfix"),
    _role("chat server|chat", "matrix synapse rocketchat mattermost element"),
    _role("database|database server|db server|sql server|db",
          "postgres postgresql mariadb mysql db database mssql influxdb"),
    _role("git server|git|code server|source control", "gitea forgejo gitlab gogs git"),
    _role("cameras|camera server|camera computer|camera box|nvr|camera recorder|cctv|video surveillance",
          "frigate zoneminder shinobi agentdvr scrypted nvr"),
    _role("backup server|proxmox backup server", "pbs proxmox-backup backup"),
    _role("game server|minecraft server", "minecraft valheim pterodactyl crafty palworld factorio"),
    _role("dns|dns server|name server|nameserver|dns resolver|dns filter|resolver|ad blocker|adblocker|ad block",
          "adguard adguardhome pihole pi-hole unbound bind technitium blocky dns"),
    _role("dhcp server|dhcp", "dhcp kea dnsmasq"),
    _role("firewall|router|gateway", "opnsense pfsense openwrt ipfire vyos routeros firewall router fw"),
    _role("vpn|vpn server|vpn gateway", "wireguard wg openvpn tailscale headscale netbird zerotier wg-easy vpn"),
    _role("documents|document server|document management|paperless office", "paperless paperless-ngx docspell mayan"),
    _role("ebook server|books|book server|audiobooks|audiobook server", "calibre calibre-web audiobookshelf kavita"),
    _role("wiki|notes server|knowledge base", "wiki bookstack outline wikijs dokuwiki mediawiki"),
    _role("torrent client|downloader|download client|torrents",
          "qbittorrent transmission deluge sabnzbd nzbget rtorrent"),
    _role("sso|single sign on|identity provider|login server|ldap|directory server",
          "authentik authelia keycloak lldap ldap"),
    _role("domain controller|active directory", "dc dc01 ad samba-ad"),
    _role("mqtt broker|mqtt|message broker", "mosquitto mqtt emqx rabbitmq"),
    _role("zigbee gateway|zigbee|zigbee bridge", "zigbee2mqtt z2m deconz"),
    _role("dashboard|dashboard server|home page|start page", "homarr heimdall homepage dashy grafana"),
    _role("docker host|docker server|container host", "docker portainer docker-host dockerhost"),
    _role("kubernetes|kubernetes cluster|k8s", "k3s k8s kubernetes talos rke2 microk8s"),
    _role("uptime monitor|status page", "uptime-kuma uptimekuma gatus"),
    _role("log server|logs server", "loki graylog syslog"),
    _role("wifi controller|wlan controller|unifi controller|unifi|access point controller",
          "unifi omada unifi-controller"),
    _role("print server|printer server", "cups print"),
    _role("rss reader|feed reader|news reader", "freshrss miniflux tt-rss ttrss"),
    _role("recipe manager|recipes", "mealie tandoor"),
    _role("phone system|pbx|telephone system", "freepbx asterisk 3cx"),
    _role("ci server|build server|ci runner|runner", "jenkins woodpecker drone runner gitlab-runner"),
    _role("search engine|meta search", "searxng searx"),
    _role("windows machine|windows vm|windows box|windows",
          "windows win10 win11 win windows-10 windows-11 windows-server"),
    _role("ai server|llm server|llm", "ollama open-webui openwebui localai llm"),
    _role("web server|website|web site", "nginx apache caddy httpd web www wordpress"),
)  # fmt: skip

# Phrases that mean something else as well: they name a guest only if one is called so and the question needs a name.
WEAK_PHRASES = frozenset(
    {
        "backup server", "proxmox backup server", "dashboard", "music", "mail", "cloud", "runner", "email", "chat",
        "photos", "fotos", "pictures", "passwords", "documents", "books", "audiobooks", "recipes", "torrents",
        "cameras",
    }
)  # fmt: skip


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Role]:
    """Every phrase, lower case, with its role; `mail server` is written `mailserver` as well."""
    joined = {phrase.replace(" ", ""): role for role in ROLES for phrase in role.said if phrase.endswith(" server")}
    return joined | {phrase: role for role in ROLES for phrase in role.said}


def is_plural(phrase: str) -> bool:
    """`dns servers`: all of them are meant."""
    return phrase not in roles() and phrase.endswith("s") and phrase[:-1] in roles()


def role_of(phrase: str) -> Role | None:
    return roles().get(phrase) or (roles()[phrase[:-1]] if is_plural(phrase) else None) or _role_of_a_thing(phrase)


@lru_cache(maxsize=1)
def software() -> frozenset[str]:
    """What is certainly the name of a service: `pihole`."""
    return frozenset(name for role in ROLES for name in role.software if len(name) > _SHORTEST_NOTED)


@lru_cache(maxsize=2048)
def _role_of_a_thing(phrase: str) -> Role | None:
    """`the photo thing`, `the mail one`; with a typing error where the phrase is long enough to be sure: `passwrod
    manager`, `passwordmanager`."""
    what, _, noun = phrase.rpartition(" ")
    if phrase in _NO_SERVICE or (what == "name" and noun != "server"):
        return None
    if what and noun in ANY_THING and what not in FUNCTION_WORDS:  # `has one` is no hass
        found = next((roles()[said] for said in (what, f"{what}s", f"{what} server") if said in roles()), None)
        return found or (_misspelt(f"{what} server") if len(what) >= _SHORTEST_MISSPELT else None)
    return _misspelt(phrase) if len(phrase) >= _SHORTEST_MISSPELT and " " in phrase.strip() else _joined(phrase)


def _misspelt(phrase: str) -> Role | None:
    best = process.extractOne(phrase, _long_phrases(), scorer=OSA.distance, score_cutoff=_MOST_ERRORS)
    return roles()[best[0]] if best else None


def _joined(phrase: str) -> Role | None:
    """`passwordmanager`, `photolibrary`."""
    return next((roles()[said] for said in roles() if " " in said and said.replace(" ", "") == phrase), None)


@lru_cache(maxsize=1)
def _long_phrases() -> tuple[str, ...]:
    return tuple(said for said in roles() if " " in said and len(said) >= _SHORTEST_MISSPELT)


ANY_THING = frozenset({"thing", "one", "app", "box", "machine", "service", "vm", "container", "stuff", "program", "ct",
                        "lxc", "instance", "guest", "host", "server", "software", "tool", "system"})  # fmt: skip
_NO_SERVICE = frozenset({"file system", "file systems", "file ct", "file vm", "file container", "file lxc"})
_SHORTEST_MISSPELT = 9
_MOST_ERRORS = 1


def guests_of(role: Role, index: EntityIndex) -> tuple[Entity, ...]:
    """The guests that have this role: by name, else by tag, else by what their notes say."""
    guests = [entry for entry in index.entries if entry.entity.kind == "guest"]
    for has in (_called_so, _named_so, _tagged_so, _noted_so):
        found = dict.fromkeys(entry.entity for entry in guests if has(entry, role))
        if found:
            return tuple(found)
    return ()


def _called_so(entry: Named, role: Role) -> bool:
    """`nas` is the NAS, whatever else serves files."""
    return bool(entry.names) and entry.names[0] in role.said


def _named_so(entry: Named, role: Role) -> bool:
    """`jellyfin`, `jellyfin2`, `prod-jellyfin`, `adguard-01`."""
    return bool(entry.names) and any(_contains(entry.names[0].split("-"), name) for name in role.software)


def _tagged_so(entry: Named, role: Role) -> bool:
    words = {*map(normalise, role.said), *role.software}
    return any(tag in words or tag.rstrip("0123456789") in words for tag in entry.tags)


def _noted_so(entry: Named, role: Role) -> bool:
    words = list(entry.notes)
    spoken = (*(name for name in role.software if len(name) > _SHORTEST_NOTED), *map(normalise, role.said))
    return any(_contains(words, name) for name in spoken)


_SHORTEST_NOTED = 4


def _contains(words: Iterable[str], name: str) -> bool:
    """Whether the words of `name` stand in a row, but for a number behind each."""
    wanted, every = name.split("-"), [word.rstrip("0123456789") or word for word in words]
    bare = [word.rstrip("0123456789") or word for word in wanted]
    return any(every[at : at + len(bare)] == bare for at in range(len(every) - len(bare) + 1))
