//! Certificate templates of the organisation; those that every instance has are not in the database.

use crate::db::arguments;
use crate::{Session, StoreError};

const LIST: &str = "SELECT content FROM certificate_template ORDER BY name";
const INSERT: &str = "INSERT INTO certificate_template (name, content) VALUES ($1, $2)";
const DELETE: &str = "DELETE FROM certificate_template WHERE name = $1";

impl Session {
    /// All templates as JSON, by name.
    pub async fn list_certificate_templates(&mut self) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = self.all(LIST, &[]).await?;
        Ok(rows.into_iter().map(|(content,)| content).collect())
    }

    /// Adds a template; [`StoreError::Duplicate`] if the name is taken.
    pub async fn insert_certificate_template(
        &mut self,
        name: &str,
        content: &str,
    ) -> Result<(), StoreError> {
        self.execute(INSERT, arguments![name, content])
            .await
            .map(drop)
    }

    /// Removes a template; whether there was one.
    pub async fn delete_certificate_template(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.execute(DELETE, arguments![name]).await? == 1)
    }
}
