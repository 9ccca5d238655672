//! Where calls may go. Endpoints are chosen by tenants, so every one is a possible attempt to make us call
//! ourselves or our cloud's metadata service.
//!
//! Two checks, because there are two ways in: [`Network::check`] reads the URL (scheme and a literal
//! address, in whatever notation), and [`GuardedResolver`] filters what a name resolves to inside the
//! client, so that the address that was checked is the address that is used. Redirects are off.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::delivery::DeliveryError;

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Network {
    /// For development and tests: also this machine, and that over plain http too.
    pub allow_loopback: bool,
}

/// Why an endpoint may not be called. Names no address: what our resolver sees is not the tenant's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Plain http, or no web address at all.
    #[error("an endpoint must use https")]
    Scheme,
    /// Credentials belong in the configuration, sealed.
    #[error("an endpoint must not hold a user or a password")]
    Credentials,
    /// Loopback, private, link-local, multicast, metadata and reserved addresses.
    #[error("the endpoint has no public address")]
    Address,
}

impl From<Forbidden> for DeliveryError {
    fn from(forbidden: Forbidden) -> Self {
        Self::Refused { code: "ENDPOINT_FORBIDDEN".to_owned(), message: forbidden.to_string() }
    }
}

/// Why a host cannot be called.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// It has no address that may be called.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It has no address, or nobody can be asked.
    #[error(transparent)]
    Unknown(#[from] std::io::Error),
}

/// Private addresses that one tenant's endpoints may have: named by whoever runs this machine, never by the tenant.
///
/// Only what is private by its number can be allowed (RFC 1918, RFC 6598, RFC 4193). Loopback, link-local and
/// metadata addresses stay forbidden, listed or not, and so does a listed name that suddenly resolves to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Arc<[Allowance]>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowance {
    /// A name, in small letters: its private addresses.
    Host(String),
    /// Addresses that begin with so many bits of this one.
    Net(IpAddr, u8),
}

/// The text is no host and no private network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no host name and no private network such as 10.1.0.0/16")]
pub struct InvalidAllowance(String);

impl AllowList {
    /// Reads names and networks, such as `erp.acme.lan` and `10.1.0.0/16`; an address alone is a network of one.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidAllowance> {
        let entries = entries.into_iter().map(Allowance::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(entries.into()))
    }

    /// Whether nothing is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn permits(&self, host: Option<&str>, address: IpAddr) -> bool {
        is_private(address)
            && self.0.iter().any(|allowance| match allowance {
                Allowance::Host(name) => host.is_some_and(|host| host.eq_ignore_ascii_case(name)),
                Allowance::Net(net, bits) => within(*net, *bits, address),
            })
    }
}

impl Allowance {
    fn parse(text: &str) -> Result<Self, InvalidAllowance> {
        let invalid = || InvalidAllowance(text.chars().take(80).collect());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| invalid())?)),
            None => (text, None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let (most, fewest) = if address.is_ipv4() { (32, 8) } else { (128, 7) };
            let bits = bits.unwrap_or(most);
            // A wider net would hold addresses that are not private.
            if !is_private(address) || !(fewest..=most).contains(&bits) {
                return Err(invalid());
            }
            return Ok(Self::Net(address, bits));
        }
        let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let number = text.rsplit('.').next().is_none_or(|last| last.parse::<u32>().is_ok());
        if bits.is_some() || text.is_empty() || number || !text.chars().all(letters) || text == "localhost" {
            return Err(invalid());
        }
        Ok(Self::Host(text.to_ascii_lowercase()))
    }
}

/// Private by its number, and no cloud's metadata.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            let metadata = [a, b, c, d] == [100, 100, 100, 200];
            !metadata && (v4.is_private() || (a == 100 && (64..128).contains(&b)))
        }
        IpAddr::V6(v6) => {
            let metadata = v6.segments()[..2] == [0xfd00, 0x0ec2];
            !metadata && v6.segments()[0] & 0xfe00 == 0xfc00
        }
    }
}

fn within(net: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            (net.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => {
            (net.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

impl Network {
    /// What can be said without resolving the name: for saving a connection, and before each call.
    pub fn check(self, url: &Url) -> Result<(), Forbidden> {
        self.check_within(url, &AllowList::default())
    }

    /// The same for a tenant that may call the private addresses in `allowed`.
    pub fn check_within(self, url: &Url, allowed: &AllowList) -> Result<(), Forbidden> {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let here = literal.map_or(host == "localhost", |address| address.is_loopback());
        let plain_allowed = self.allow_loopback && here && url.scheme() == "http";
        if url.scheme() != "https" && !plain_allowed {
            return Err(Forbidden::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden::Credentials);
        }
        match literal {
            Some(address) if !self.permits(address) && !allowed.permits(None, address) => {
                Err(Forbidden::Address)
            }
            _ => Ok(()),
        }
    }

    /// The same for a host that is not called by HTTP.
    pub(super) fn check_host(self, host: &str, allowed: &AllowList) -> Result<(), Forbidden> {
        match host.parse::<IpAddr>() {
            Ok(address) if !self.permits(address) && !allowed.permits(None, address) => {
                Err(Forbidden::Address)
            }
            _ => Ok(()),
        }
    }

    /// What a host resolves to, as far as it may be called.
    pub(super) async fn resolve(
        self,
        host: &str,
        port: u16,
        allowed: &AllowList,
    ) -> Result<Vec<SocketAddr>, ResolveError> {
        let found = tokio::net::lookup_host((host, port)).await?;
        let permits =
            |address: &SocketAddr| self.permits(address.ip()) || allowed.permits(Some(host), address.ip());
        let permitted: Vec<SocketAddr> = found.filter(permits).collect();
        if permitted.is_empty() { Err(Forbidden::Address.into()) } else { Ok(permitted) }
    }

    fn permits(self, address: IpAddr) -> bool {
        if self.allow_loopback && address.is_loopback() {
            return true;
        }
        match address {
            IpAddr::V4(v4) => is_public_v4(v4),
            IpAddr::V6(v6) => is_public_v6(v6),
        }
    }
}

/// Everything that the IANA special-purpose registry does not reserve.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let reserved = match (a, b) {
        (0 | 10 | 127 | 224..=255, _) | (169, 254) | (192, 168) | (198, 18..=19) => true,
        (100, 64..=127) | (172, 16..=31) => true,
        (192, 0) => matches!(c, 0 | 2),
        (192, 88) => c == 99,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        // Azure's platform address: public by number, the metadata of our own host by meaning.
        (168, 63) => (c, d) == (129, 16),
        _ => false,
    };
    !reserved
}

/// Global unicast only, without the ranges that embed an IPv4 address or are set aside. An IPv4-mapped
/// or NAT64 address lies outside `2000::/3` and is refused with the rest.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global_unicast = a & 0xe000 == 0x2000;
    let set_aside = match a {
        0x2001 => b < 0x0200 || b == 0x0db8, // protocol assignments with Teredo; documentation
        0x2002 => true,                      // 6to4
        0x3fff => b < 0x1000,                // documentation
        _ => false,
    };
    global_unicast && !set_aside
}

/// The system's resolver with the forbidden addresses taken out.
#[derive(Debug)]
pub(super) struct GuardedResolver(pub(super) Network, pub(super) AllowList);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (network, allowed) = (self.0, self.1.clone());
        Box::pin(async move {
            match network.resolve(name.as_str(), 0, &allowed).await {
                Ok(permitted) => Ok(Box::new(permitted.into_iter()) as Addrs),
                Err(ResolveError::Forbidden(forbidden)) => Err(forbidden.into()),
                Err(ResolveError::Unknown(error)) => Err(error.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(network: Network, url: &str) -> Result<(), Forbidden> {
        network.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn private_addresses_are_refused_in_every_notation() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "0.0.0.0",
            "0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.51.100.1",
            "203.0.113.1",
            "192.88.99.1",
            "240.0.0.1",
            "①②⑦.0.0.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[100::1]",
            "[5f00::1]",
        ] {
            let url = format!("https://{host}/hook");
            assert_eq!(check(Network::default(), &url), Err(Forbidden::Address), "{url}");
        }
    }

    #[test]
    fn public_endpoints_are_allowed_over_https_only() {
        for host in ["erp.example.com", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "erp.example.com:8443"]
        {
            assert_eq!(check(Network::default(), &format!("https://{host}/")), Ok(()), "{host}");
            assert_eq!(
                check(Network::default(), &format!("http://{host}/")),
                Err(Forbidden::Scheme),
                "{host}"
            );
        }
        assert_eq!(check(Network::default(), "file:///etc/passwd"), Err(Forbidden::Scheme));
        assert_eq!(check(Network::default(), "https://u:p@erp.example.com/"), Err(Forbidden::Credentials));
    }

    #[test]
    fn the_development_switch_opens_this_machine_and_nothing_else() {
        let network = Network { allow_loopback: true };
        for url in ["http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "https://127.0.0.1/"] {
            assert_eq!(check(network, url), Ok(()), "{url}");
        }
        assert_eq!(check(network, "http://erp.example.com/"), Err(Forbidden::Scheme));
        assert_eq!(check(network, "https://10.0.0.1/"), Err(Forbidden::Address));
        assert_eq!(check(network, "https://169.254.169.254/"), Err(Forbidden::Address));
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_refused_by_the_resolver() {
        let refused = GuardedResolver(Network::default(), AllowList::default())
            .resolve("localhost".parse().unwrap())
            .await;
        let error = refused.err().expect("localhost must not resolve");
        assert_eq!(error.downcast_ref::<Forbidden>(), Some(&Forbidden::Address));
        let named = AllowList(Arc::from([Allowance::Host("localhost".to_owned())]));
        let listed = GuardedResolver(Network::default(), named).resolve("localhost".parse().unwrap()).await;
        assert!(listed.is_err(), "a name on the list that resolves to this machine is refused too");
        let network = Network { allow_loopback: true };
        let allowed = GuardedResolver(network, AllowList::default()).resolve("localhost".parse().unwrap());
        assert!(allowed.await.is_ok());
    }

    #[tokio::test]
    async fn a_host_that_is_not_called_by_http_meets_the_same_rules() {
        let (closed, here) = (Network::default(), Network { allow_loopback: true });
        let (none, list) = (AllowList::default(), AllowList::parse(["10.1.0.0/16"]).unwrap());
        for host in ["127.0.0.1", "10.1.2.3", "::1", "169.254.169.254", "fd12::7", "192.168.1.1"] {
            assert_eq!(closed.check_host(host, &none), Err(Forbidden::Address), "{host}");
        }
        for host in ["sftp.example.com", "8.8.8.8", "2606:4700::1111"] {
            assert_eq!(closed.check_host(host, &none), Ok(()), "{host}");
        }
        assert_eq!(closed.check_host("10.1.2.3", &list), Ok(()));
        assert_eq!(closed.check_host("10.2.2.3", &list), Err(Forbidden::Address));
        assert_eq!(here.check_host("127.0.0.1", &none), Ok(()));
        // In words that only the resolver reads as numbers, too.
        for host in ["localhost", "127.1", "2130706433", "10.1.2.3", "::ffff:127.0.0.1"] {
            let refused = closed.resolve(host, 22, &none).await;
            assert!(matches!(refused, Err(ResolveError::Forbidden(_))), "{host}: {refused:?}");
        }
        assert_eq!(closed.resolve("10.1.2.3", 22, &list).await.unwrap()[0].to_string(), "10.1.2.3:22");
        assert!(here.resolve("localhost", 22, &none).await.unwrap().iter().all(|at| at.port() == 22));
    }

    #[test]
    fn a_tenants_private_addresses_are_allowed_one_by_one_and_never_this_machines() {
        let list = AllowList::parse(["10.1.0.0/16", "192.168.7.4", "fd12::/32", "ERP.acme.lan"]).unwrap();
        for (host, fits) in [
            ("10.1.2.3", true),
            ("10.2.2.3", false),
            ("192.168.7.4", true),
            ("192.168.7.5", false),
            ("[fd12::7]", true),
            ("[fd13::7]", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("[::ffff:10.1.2.3]", false),
            ("8.8.8.8", true),
        ] {
            let url = Url::parse(&format!("https://{host}/")).unwrap();
            assert_eq!(Network::default().check_within(&url, &list).is_ok(), fits, "{host}");
        }
        let plain = Url::parse("http://10.1.2.3/").unwrap();
        assert_eq!(Network::default().check_within(&plain, &list), Err(Forbidden::Scheme));
        let by_name = |name: &str, address: &str| list.permits(Some(name), address.parse().unwrap());
        assert!(by_name("erp.acme.lan", "172.16.0.9"));
        assert!(!by_name("erp.acme.lan", "127.0.0.1") && !by_name("erp.acme.lan", "169.254.169.254"));
        assert!(!by_name("erp.acme.lan", "fd00:ec2::254") && !by_name("erp.acme.lan", "100.100.100.200"));
        assert!(!by_name("other.lan", "172.16.0.9"));
        for bad in [
            "",
            "127.0.0.0/8",
            "0.0.0.0/0",
            "10.0.0.0/7",
            "169.254.0.0/16",
            "::1",
            "8.8.8.8",
            "10.1.0.0/33",
            "localhost",
            "a b",
            "1.2",
            "erp/24",
            "fe80::/10",
            "fc00::/6",
        ] {
            assert!(AllowList::parse([bad]).is_err(), "{bad}");
        }
    }
}
