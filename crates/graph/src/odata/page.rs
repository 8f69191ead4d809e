//! Pages out of a source that is read by key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{OrderBy, QueryError, QueryOptions};
use crate::entity::Entity;
use crate::error::{GraphError, Result};

/// An entity and the key after which the next page begins.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) entity: Entity,
}

/// What a page holds.
#[derive(Debug)]
pub(crate) struct Collected {
    pub(crate) entities: Vec<Entity>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<PageToken>,
    /// Number of all entities that fit, if it was asked for.
    pub(crate) count: Option<usize>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PageToken {
    /// After the entity with this key.
    After(String),
    /// After so many entities of a sorted list.
    Offset(usize),
}

/// Rows that one request may look at when it filters; a page that ends there has a next link.
pub(crate) const MAX_SCAN: usize = 100_000;
/// Rows that one request may sort.
const MAX_SORT: usize = 20_000;
/// Rows asked for at once when many of them will be left out.
const CHUNK: usize = 500;

impl PageToken {
    pub(crate) fn encode(&self) -> String {
        let text = match self {
            Self::After(key) => format!("k{key}"),
            Self::Offset(offset) => format!("o{offset}"),
        };
        URL_SAFE_NO_PAD.encode(text)
    }

    pub(crate) fn decode(text: &str) -> Result<Self, QueryError> {
        let wrong = || {
            QueryError::new(
                "$skiptoken",
                "not one of ours; follow `@odata.nextLink` as it is",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| wrong())?;
        let text = String::from_utf8(bytes).map_err(|_| wrong())?;
        if let Some(key) = text.strip_prefix('k') {
            return Ok(Self::After(key.to_owned()));
        }
        text.strip_prefix('o')
            .and_then(|offset| offset.parse().ok())
            .map(Self::Offset)
            .ok_or_else(wrong)
    }
}

/// Pulls rows until a page is full. `pull` gives at most `limit` rows after a key, in the order of the keys.
/// `total` is the number of all rows, if somebody knows it without reading them.
pub(crate) async fn collect<P, F>(
    query: &QueryOptions,
    page_size: usize,
    total: Option<usize>,
    mut pull: P,
) -> Result<Collected>
where
    P: FnMut(Option<String>, usize) -> F,
    F: Future<Output = Result<Vec<Keyed>>>,
{
    let token = query
        .skip_token
        .as_deref()
        .map(PageToken::decode)
        .transpose()?;
    if !query.order_by.is_empty() {
        return sorted(query, page_size, token, &mut pull).await;
    }
    let mut after = match token {
        Some(PageToken::After(key)) => Some(key),
        Some(PageToken::Offset(_)) => {
            return Err(QueryError::new("$skiptoken", "belongs to a sorted list").into());
        }
        None => None,
    };
    let known = total.filter(|_| query.filter.is_none() && query.search.is_none());
    let counted = query.count && after.is_none();
    let counting = counted && known.is_none();
    if page_size == 0 && !counting {
        return Ok(Collected {
            entities: Vec::new(),
            next: None,
            count: known.filter(|_| counted),
        });
    }
    let mut page = Page {
        to_skip: query.skip.unwrap_or(0),
        size: page_size,
        ..Page::default()
    };
    let picky = query.filter.is_some() || query.search.is_some() || page.to_skip > 0 || counting;
    loop {
        let limit = if picky {
            CHUNK
        } else {
            page_size
                .saturating_add(1)
                .saturating_sub(page.entities.len())
        };
        let rows = pull(after.clone(), limit).await?;
        let exhausted = rows.len() < limit;
        page.scanned += rows.len();
        after = rows.last().map(|row| row.key.clone()).or(after);
        for row in rows {
            if fits(query, &row.entity) {
                page.take(row);
            }
        }
        if exhausted {
            break;
        }
        if page.scanned >= MAX_SCAN {
            if counting {
                return Err(too_many("$count", MAX_SCAN));
            }
            page.next = page.next.or(after);
            break;
        }
        if page.next.is_some() && !counting {
            break;
        }
    }
    Ok(Collected {
        entities: page.entities,
        next: page.next.map(PageToken::After),
        count: counted.then(|| known.unwrap_or(page.matched)),
    })
}

#[derive(Default)]
struct Page {
    entities: Vec<Entity>,
    size: usize,
    to_skip: usize,
    scanned: usize,
    matched: usize,
    last: Option<String>,
    next: Option<String>,
}

impl Page {
    fn take(&mut self, row: Keyed) {
        self.matched += 1;
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if self.entities.len() < self.size {
            self.entities.push(row.entity);
            self.last = Some(row.key);
        } else if self.next.is_none() {
            self.next = self.last.clone();
        }
    }
}

async fn sorted<P, F>(
    query: &QueryOptions,
    page_size: usize,
    token: Option<PageToken>,
    pull: &mut P,
) -> Result<Collected>
where
    P: FnMut(Option<String>, usize) -> F,
    F: Future<Output = Result<Vec<Keyed>>>,
{
    let offset = match token {
        Some(PageToken::Offset(offset)) => offset,
        Some(PageToken::After(_)) => {
            return Err(QueryError::new("$skiptoken", "belongs to an unsorted list").into());
        }
        None => query.skip.unwrap_or(0),
    };
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let rows = pull(after.clone(), CHUNK).await?;
        let exhausted = rows.len() < CHUNK;
        after = rows.last().map(|row| row.key.clone()).or(after);
        all.extend(
            rows.into_iter()
                .map(|row| row.entity)
                .filter(|entity| fits(query, entity)),
        );
        if all.len() > MAX_SORT {
            return Err(too_many("$orderby", MAX_SORT));
        }
        if exhausted {
            break;
        }
    }
    all.sort_by(|left, right| OrderBy::compare(&query.order_by, &left.body, &right.body));
    let count = all.len();
    let end = offset.saturating_add(page_size);
    let next = (end < count && page_size > 0).then_some(PageToken::Offset(end));
    let entities = all.into_iter().skip(offset).take(page_size).collect();
    Ok(Collected {
        entities,
        next,
        count: (query.count && query.skip_token.is_none()).then_some(count),
    })
}

fn fits(query: &QueryOptions, entity: &Entity) -> bool {
    query
        .filter
        .as_ref()
        .is_none_or(|filter| filter.matches(entity.type_name, &entity.body))
        && query
            .search
            .as_ref()
            .is_none_or(|search| search.matches(&entity.body))
}

fn too_many(option: &'static str, limit: usize) -> GraphError {
    QueryError::new(
        option,
        format!("more than {limit} objects; narrow them with `$filter`"),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    async fn page(query: &str, size: usize) -> Collected {
        let query = QueryOptions::parse(query).unwrap();
        collect(
            &query,
            size,
            None,
            |after: Option<String>, limit| async move {
                let start = after.map_or(0, |key| key.parse::<usize>().unwrap() + 1);
                let rows = (start..25).take(limit).map(|number| Keyed {
                    key: format!("{number}"),
                    entity: Entity::new(
                        "entity",
                        String::new(),
                        Map::from_iter([
                            ("n".to_owned(), json!(number)),
                            ("m".to_owned(), json!(number % 3)),
                        ]),
                    ),
                });
                Ok(rows.collect())
            },
        )
        .await
        .unwrap()
    }

    fn numbers(page: &Collected) -> Vec<u64> {
        page.entities
            .iter()
            .map(|entity| entity.body["n"].as_u64().unwrap())
            .collect()
    }

    async fn all(query: &str, size: usize) -> Vec<u64> {
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let page = page(&format!("{query}{next}"), size).await;
            found.extend(numbers(&page));
            match page.next {
                Some(token) => next = format!("&$skiptoken={}", token.encode()),
                None => return found,
            }
        }
    }

    #[tokio::test]
    async fn pages_together_are_everything_once() {
        let everything: Vec<u64> = (0..25).collect();
        for size in [1, 4, 5, 24, 25, 26, 999] {
            assert_eq!(all("x=1", size).await, everything, "{size}");
            assert_eq!(all("$orderby=n", size).await, everything, "{size}");
            assert_eq!(
                all("$filter=m eq 1", size).await,
                [1, 4, 7, 10, 13, 16, 19, 22],
                "{size}"
            );
        }
    }

    #[tokio::test]
    async fn the_last_page_has_no_next() {
        assert!(page("x=1", 25).await.next.is_none());
        assert!(page("$filter=m eq 0", 9).await.next.is_none());
        assert!(page("$orderby=n", 25).await.next.is_none());
        assert!(page("x=1", 24).await.next.is_some());
    }

    #[tokio::test]
    async fn count_is_of_everything_that_fits_and_on_the_first_page_only() {
        let first = page("$count=true&$filter=m eq 1", 3).await;
        assert_eq!((first.count, numbers(&first)), (Some(8), vec![1, 4, 7]));
        let token = first.next.unwrap().encode();
        let second = page(&format!("$count=true&$filter=m eq 1&$skiptoken={token}"), 3).await;
        assert_eq!((second.count, numbers(&second)), (None, vec![10, 13, 16]));
    }

    #[tokio::test]
    async fn skip_and_order_go_together() {
        assert_eq!(numbers(&page("$skip=20", 3).await), [20, 21, 22]);
        assert_eq!(
            numbers(&page("$orderby=m desc,n&$skip=7", 3).await),
            [23, 1, 4]
        );
    }

    #[tokio::test]
    async fn what_is_known_is_not_counted_and_what_is_not_asked_for_is_not_read() {
        let nothing = |_: Option<String>, _| async { panic!("nothing was to be read") };
        let query = QueryOptions::parse("$count=true&$top=0").unwrap();
        assert_eq!(
            collect(&query, 0, Some(7), nothing).await.unwrap().count,
            Some(7)
        );
        let query = QueryOptions::parse("$top=0").unwrap();
        assert_eq!(collect(&query, 0, None, nothing).await.unwrap().count, None);
    }

    #[test]
    fn a_foreign_token_is_refused() {
        for text in ["", "x", "!!", "a2", "bzF4"] {
            let decoded = PageToken::decode(text);
            assert!(
                decoded.is_err() || matches!(decoded, Ok(PageToken::After(_))),
                "{text}"
            );
        }
        let token = PageToken::After("ä/b".to_owned());
        assert_eq!(PageToken::decode(&token.encode()), Ok(token));
    }
}
